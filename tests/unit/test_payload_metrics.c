#include "topics/payload_metrics.h"

#include "tests/unit/cmocka_all.h"

static void groups_hold_counters_and_groups(void **state)
{
    (void)state;
    char text[256];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_metrics_begin(&w, 1795423160500000, 3600);
    payload_metrics_group_begin(&w, "frames", NULL);
    payload_metrics_counter(&w, "received", UINT64_MAX);
    payload_metrics_counter(&w, "unknown", 0);
    payload_metrics_group_end(&w);
    payload_metrics_group_begin(&w, "buses", "bus");
    payload_metrics_group_begin(&w, "can0", NULL);
    payload_metrics_counter(&w, "kernel_dropped", 1);
    payload_metrics_number(&w, "load_percent", 12.5);
    payload_metrics_group_end(&w);
    payload_metrics_group_end(&w);
    payload_metrics_end(&w);
    size_t length;
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_string_equal(text, "{\"ts\":1795423160.5,\"uptime_s\":3600,\"frames\":{\"received\":"
                              "18446744073709551615,\"unknown\":0},\"buses\":{\"can0\":{"
                              "\"kernel_dropped\":1,\"load_percent\":12.5}}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_hold_counters_and_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
