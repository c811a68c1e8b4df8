#include "topics/payload_memory.h"
#include "topics/payload_node_claim.h"
#include "topics/payload_set.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int decode(const char *text, struct payload_node_claim *ret)
{
    struct payload_error error;
    return payload_node_claim_decode(text, strlen(text), ret, &error);
}

static void test_a_claim_comes_back_as_it_was(void **state)
{
    (void)state;
    const char *const devices[] = {"heater", "vent"};
    const struct payload_node_claim claim = {.role = PAYLOAD_ROLE_RELEASED,
                                             .group = "heating",
                                             .rank = 2,
                                             .epoch = 7,
                                             .beat = 12,
                                             .to = "auto2",
                                             .devices = devices,
                                             .device_count = 2};
    char text[512];
    struct json_writer w;
    size_t length;
    struct payload_node_claim back;
    json_writer_init(&w, text, sizeof(text));
    payload_node_claim_write(&w, &claim);
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_string_equal(text, "{\"role\":\"released\",\"group\":\"heating\",\"rank\":2,\"epoch\":7,"
                              "\"beat\":12,\"to\":\"auto2\",\"devices\":[\"heater\",\"vent\"]}");
    assert_int_equal(decode(text, &back), 0);
    assert_int_equal(back.role, PAYLOAD_ROLE_RELEASED);
    assert_string_equal(back.group, "heating");
    assert_int_equal(back.rank, 2);
    assert_int_equal(back.epoch, 7);
    assert_int_equal(back.beat, 12);
    assert_string_equal(back.to, "auto2");
    assert_int_equal(back.device_count, 2);
    assert_string_equal(back.devices[1], "vent");
    payload_node_claim_deinit(&back);
}

static void test_what_is_no_claim_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "{}",
        "{\"role\":\"king\",\"beat\":1,\"devices\":[]}",
        "{\"role\":\"leader\",\"beat\":1,\"devices\":[]}",
        "{\"role\":\"alone\",\"group\":\"g\",\"beat\":1,\"devices\":[]}",
        "{\"role\":\"leader\",\"group\":\"a b\",\"beat\":1,\"devices\":[]}",
        "{\"role\":\"alone\",\"beat\":1}",
        "{\"role\":\"alone\",\"beat\":1,\"devices\":[1]}",
        "{\"role\":\"alone\",\"beat\":1,\"devices\":[\"a/b\"]}",
        "{\"role\":\"alone\",\"beat\":-1,\"devices\":[]}",
        "{\"role\":\"leader\",\"group\":\"g\",\"rank\":0,\"beat\":1,\"devices\":[]}",
    };
    struct payload_node_claim claim;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(decode(texts[i], &claim), -EINVAL);
    }
}

static void test_a_newer_node_may_say_more(void **state)
{
    (void)state;
    struct payload_node_claim claim;
    assert_int_equal(
        decode("{\"role\":\"alone\",\"mood\":\"good\",\"beat\":1,\"devices\":[]}", &claim), 0);
    assert_int_equal(claim.device_count, 0);
    payload_node_claim_deinit(&claim);
}

static void count_group(void *context, const struct payload_master *master)
{
    uint64_t *epoch = context;
    *epoch = *epoch * 10 + master->epoch;
}

static void test_fences_are_read(void **state)
{
    (void)state;
    static const char good[] = "{\"groups\":[{\"group\":\"a\",\"node\":\"n\",\"epoch\":7},"
                               "{\"group\":\"b\",\"node\":\"m\",\"epoch\":8}]}";
    static const char bad[] = "{\"groups\":[{\"group\":\"a\",\"node\":\"n\"}]}";
    struct payload_error error;
    uint64_t epochs = 0;
    assert_int_equal(payload_fences_decode(good, strlen(good), count_group, &epochs, &error), 0);
    assert_int_equal(epochs, 78);
    assert_int_equal(payload_fences_decode(bad, strlen(bad), count_group, &epochs, &error),
                     -EINVAL);
}

static void test_a_record_comes_back_as_it_was(void **state)
{
    (void)state;
    const struct payload_memory memory = {UINT64_MAX - 1, 7, "{\"a\":\"\\\"\"}", NULL};
    char text[256];
    struct json_writer w;
    size_t length;
    struct payload_memory back;
    struct payload_error error;
    json_writer_init(&w, text, sizeof(text));
    payload_memory_write(&w, &memory);
    assert_int_equal(json_writer_finish(&w, &length), 0);
    assert_int_equal(payload_memory_decode(text, length, &back, &error), 0);
    assert_true(back.definition == UINT64_MAX - 1);
    assert_int_equal(back.epoch, 7);
    assert_string_equal(back.data, memory.data);
    payload_memory_deinit(&back);
    static const char bad[] = "{\"definition\":\"12\",\"epoch\":7,\"data\":\"{}\"}";
    assert_int_equal(payload_memory_decode(bad, strlen(bad), &back, &error), -EINVAL);
}

static void test_a_command_has_a_master_or_none(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{\"signals\":{\"a\":1},\"master\":7}",
        "{\"signals\":{\"a\":1},\"master\":{\"group\":\"g\",\"node\":\"n\"}}",
        "{\"signals\":{\"a\":1},\"master\":{\"group\":\"g\",\"node\":\"n\",\"epoch\":0}}",
        "{\"signals\":{\"a\":1},\"master\":{\"group\":\"g\",\"node\":\"n\",\"epoch\":1,\"x\":1}}",
        "{\"signals\":{\"a\":1},\"master\":{\"group\":\"g g\",\"node\":\"n\",\"epoch\":1}}",
    };
    static const char good[] =
        "{\"signals\":{\"a\":1},\"master\":{\"group\":\"g\",\"node\":\"n\",\"epoch\":12}}";
    struct payload_set *set;
    struct payload_error error;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(payload_set_decode(bad[i], strlen(bad[i]), &set, &error), -EINVAL);
    }
    assert_int_equal(payload_set_decode(good, strlen(good), &set, &error), 0);
    assert_true(set->has_master);
    assert_string_equal(set->master.node, "n");
    assert_int_equal(set->master.epoch, 12);
    payload_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_claim_comes_back_as_it_was),
        cmocka_unit_test(test_what_is_no_claim_is_refused),
        cmocka_unit_test(test_a_newer_node_may_say_more),
        cmocka_unit_test(test_fences_are_read),
        cmocka_unit_test(test_a_record_comes_back_as_it_was),
        cmocka_unit_test(test_a_command_has_a_master_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
