#include "edge-gateway/app/encode_line.h"

#include "tests/unit/dbc_text.h"

#define LINE_MAX_BYTES 512

struct bench {
    struct dbc_text dbc;
    struct encode_line *encoder;
    char text[CANDUMP_TEXT_MAX];
};

static int setup(void **state)
{
    struct bench *bench = test_calloc(1, sizeof(*bench));
    dbc_text_init(&bench->dbc, "BO_ 291 M: 2 X\n SG_ s : 0|16@1+ (0.5,0) [0|100] \"\" X\n");
    bench->encoder = encode_line_new(bench->dbc.db, false);
    assert_non_null(bench->encoder);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    encode_line_free(bench->encoder);
    dbc_text_deinit(&bench->dbc);
    test_free(bench);
    return 0;
}

static size_t encode(struct bench *bench, const char *line)
{
    char json[LINE_MAX_BYTES];
    size_t length = strlen(line);
    assert_true(length < sizeof(json));
    memcpy(json, line, length + 1);
    return encode_line_run(bench->encoder, json, length, bench->text);
}

static void a_line_becomes_a_frame_of_its_time_and_bus(void **state)
{
    struct bench *bench = *state;
    size_t length =
        encode(bench, "{\"ts\":1.5,\"bus\":\"vcan1\",\"message\":\"M\",\"signals\":{\"s\":50.5}}");
    assert_string_equal(bench->text, "(0000000001.500000) vcan1 123#6500");
    assert_int_equal(length, strlen(bench->text));
    assert_string_equal(encode_line_error(bench->encoder), "");
}

static void a_line_without_a_bus_gets_the_first_one(void **state)
{
    struct bench *bench = *state;
    (void)encode(bench, "{\"message\":\"M\",\"signals\":{}}");
    assert_string_equal(bench->text, "(0000000000.000000) can0 123#0000");
    (void)encode(bench, "{\"bus\":\"\",\"message\":\"M\",\"signals\":{}}");
    assert_string_equal(bench->text, "(0000000000.000000) can0 123#0000");
}

static void a_bus_that_no_line_can_name_is_refused(void **state)
{
    struct bench *bench = *state;
    char line[LINE_MAX_BYTES];
    char name[LOG_BUS_MAX_BYTES + 2] = "";
    memset(name, 'c', LOG_BUS_MAX_BYTES + 1);
    const char *const names[] = {"can 0", "can\\n0", "\\u0001", "can0\\u007f", name};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)snprintf(line, sizeof(line), "{\"bus\":\"%s\",\"message\":\"M\",\"signals\":{}}",
                       names[i]);
        assert_int_equal(encode(bench, line), 0);
        assert_string_equal(encode_line_error(bench->encoder), "'bus' is no interface name");
    }
}

static void every_refusal_says_why(void **state)
{
    struct bench *bench = *state;
    static const char *const cases[][2] = {
        {"  ", ""},
        {"{} x", "text behind the object"},
        {"{\"message\":\"N\"}", "message 'N' is unknown"},
        {"{\"id\":-1}", "'id' is no CAN id"},
        {"{\"ts\":true}", "'ts' is not a number"},
        {"{\"ts\":253402300800}", "'ts' is beyond the year 9999"},
        {"{\"ts\":1e300}", "'ts' is beyond the year 9999"},
        {"{\"message\":\"M\",\"signals\":{\"s\":[]}}", "signal 's' has no value"},
        {"{\"message\":\"M\",\"signals\":{\"s\":101}}",
         "message 'M', signal 's': value is out of range"},
        {"{\"message\":\"M\",\"signals\":{\"s\":{\"value\":1,\"raw\":1}}}",
         "signal 's': value and raw contradict each other"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(encode(bench, cases[i][0]), 0);
        assert_string_equal(encode_line_error(bench->encoder), cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_line_becomes_a_frame_of_its_time_and_bus, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_line_without_a_bus_gets_the_first_one, setup, teardown),
        cmocka_unit_test_setup_teardown(a_bus_that_no_line_can_name_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(every_refusal_says_why, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
