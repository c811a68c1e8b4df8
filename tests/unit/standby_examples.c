#include "tests/unit/standby_examples.h"

#include "topics/payload_memory.h"

const struct payload_master standby_example_master = {"heating", "auto1", 7};

void standby_example_claim_alone(struct json_writer *w)
{
    const char *const devices[] = {"heater", "vent"};
    const struct payload_node_claim claim = {
        .role = PAYLOAD_ROLE_ALONE, .beat = 1, .devices = devices, .device_count = 2};
    payload_node_claim_write(w, &claim);
}

void standby_example_claim_released(struct json_writer *w)
{
    const struct payload_node_claim claim = {.role = PAYLOAD_ROLE_RELEASED,
                                             .group = "heating",
                                             .rank = 1,
                                             .epoch = 7,
                                             .beat = 12,
                                             .to = "auto2"};
    payload_node_claim_write(w, &claim);
}

void standby_example_fences(struct json_writer *w)
{
    payload_fences_begin(w);
    payload_fences_group(w, &standby_example_master);
    payload_fences_end(w);
}

void standby_example_memory(struct json_writer *w)
{
    const struct payload_memory record = {
        .definition = 0x5f3c9a, .epoch = 7, .data = "{\"target\":\"ON\"}"};
    payload_memory_write(w, &record);
}
