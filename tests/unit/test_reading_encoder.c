#include "edge-gateway/publish/reading_encoder.h"

#include "edge-gateway/can/frame.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"
#include "topics/payload_reading.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TS_US 1795423160495983

static const char dbc_text[] =
    "VERSION \"\"\n"
    "BU_: Node\n"
    "BO_ 291 Climate: 8 Node\n"
    " SG_ Temperature : 0|16@1- (0.01,0) [-40|100] \"C\" Node\n"
    " SG_ Pump : 16|2@1+ (1,0) [0|3] \"\" Node\n"
    " SG_ Level : 24|8@1+ (1,0) [0|250] \"%\" Node\n"
    " SG_ Flow : 32|32@1- (1,0) [0|0] \"\" Node\n"
    "BO_ 292 Large: 64 Node\n"
    " SG_ Serial : 0|128@1+ (1,0) [0|0] \"\" Node\n"
    " SG_ Whole : 128|384@1+ (1,0) [0|0] \"\" Node\n"
    "BO_ 293 Odd: 8 Node\n"
    " SG_ Shouting : 0|8@1+ (0.001,-50) [0|0] \"\" Node\n"
    " SG_ Tiny : 8|24@1- (0.0000000001,0.5) [0|0] \"\" Node\n"
    " SG_ Big : 32|32@1- (123456789.125,1e30) [-1|1] \"\" Node\n"
    "VAL_ 291 Pump 0 \"Off\" 1 \"Running\" ;\n"
    "VAL_ 291 Level 255 \"SNA\" ;\n"
    "VAL_ 293 Shouting 0 \"a\\b \t\x01\x02\x03 tab and bell\" 1 \"\xE4\xF6\xFC \xB0\xB0\xB0\xB0\" "
    "2 \"\x1F\x1F\x1F\x1F\x1F\x1F\x1F\x1F\x1F\x1F\x1F\x1F\x1F\x1F\x1F\x1F\x1F\x1F\x1F\x1F\" ;\n"
    "SIG_VALTYPE_ 291 Flow : 1;\n";

struct fixture {
    struct dbc_database *db;
    struct diagnostics *diagnostics;
    struct dbc_value values[16];
    struct reading reading;
    char text[4096];
    size_t length;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    f->db = dbc_new();
    f->diagnostics = diagnostics_new(0);
    assert_int_equal(dbc_load_text(f->db, "test.dbc", dbc_text, strlen(dbc_text), f->diagnostics),
                     0);
    assert_int_equal(diagnostics_count(f->diagnostics, SEVERITY_ERROR), 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    diagnostics_free(f->diagnostics);
    dbc_free(f->db);
    free(f);
    return 0;
}

static const struct dbc_message *message(const struct fixture *f, const char *name)
{
    const struct dbc_message *found = dbc_find_by_name(f->db, name);
    assert_non_null(found);
    return found;
}

static void decode(struct fixture *f, const char *name, const uint8_t *data, size_t length)
{
    size_t count = dbc_decode(message(f, name), data, length, f->values);
    f->reading = (struct reading){.ts_us = TS_US, .values = f->values, .count = count};
}

static void assert_encodes(struct fixture *f, const char *expected)
{
    assert_int_equal(reading_encode(&f->reading, f->text, sizeof(f->text), &f->length), 0);
    assert_string_equal(f->text, expected);
    assert_int_equal(f->length, strlen(expected));
}

static void numbers_are_exact_and_labels_are_names(void **state)
{
    struct fixture *f = *state;
    static const uint8_t data[] = {0x6D, 0x08, 1, 55, 0x00, 0x00, 0xC0, 0x3F};
    decode(f, "Climate", data, sizeof(data));
    f->reading.seq = 1234;
    assert_encodes(f, "{\"ts\":1795423160.495983,\"seq\":1234,\"signals\":{\"Temperature\":21.57,"
                      "\"Pump\":\"Running\",\"Level\":55,\"Flow\":1.5}}");
}

static void without_a_number_the_sequence_is_left_out(void **state)
{
    struct fixture *f = *state;
    static const uint8_t data[] = {0, 0};
    decode(f, "Climate", data, sizeof(data));
    assert_encodes(f, "{\"ts\":1795423160.495983,\"signals\":{\"Temperature\":0}}");
}

static void only_what_is_not_good_has_a_quality(void **state)
{
    struct fixture *f = *state;
    static const uint8_t data[] = {0xFF, 0x7F, 0, 255, 0x00, 0x00, 0xC0, 0x7F};
    decode(f, "Climate", data, sizeof(data));
    assert_encodes(f, "{\"ts\":1795423160.495983,\"signals\":{\"Temperature\":327.67,"
                      "\"Pump\":\"Off\",\"Level\":\"SNA\",\"Flow\":null},"
                      "\"q\":{\"Temperature\":\"out_of_range\",\"Level\":\"not_available\","
                      "\"Flow\":\"not_available\"}}");
}

static void a_raw_value_without_a_label_is_a_number(void **state)
{
    struct fixture *f = *state;
    static const uint8_t data[] = {0, 0, 2};
    decode(f, "Climate", data, sizeof(data));
    assert_encodes(f, "{\"ts\":1795423160.495983,\"signals\":{\"Temperature\":0,\"Pump\":2}}");
}

static void wide_signals_are_exact_integers(void **state)
{
    struct fixture *f = *state;
    uint8_t data[16];
    memset(data, 0xFF, sizeof(data));
    decode(f, "Large", data, sizeof(data));
    assert_encodes(f, "{\"ts\":1795423160.495983,\"signals\":{\"Serial\":"
                      "340282366920938463463374607431768211455}}");
}

static void a_buffer_one_byte_too_small_is_refused(void **state)
{
    struct fixture *f = *state;
    static const uint8_t data[] = {0x6D, 0x08, 1, 55};
    decode(f, "Climate", data, sizeof(data));
    assert_int_equal(reading_encode(&f->reading, f->text, sizeof(f->text), &f->length), 0);
    size_t needed = f->length + 1;
    f->length = 7;
    assert_int_equal(reading_encode(&f->reading, f->text, needed - 1, &f->length), -EMSGSIZE);
    assert_int_equal(f->length, 7);
    assert_int_equal(reading_encode(&f->reading, f->text, needed, &f->length), 0);
}

static void assert_signal(struct fixture *f, size_t index, const char *expected)
{
    size_t length = 0;
    assert_int_equal(signal_encode(&f->values[index], f->text, sizeof(f->text), &length), 0);
    assert_string_equal(f->text, expected);
    assert_int_equal(length, strlen(expected));
}

static void a_signal_alone_is_a_plain_value(void **state)
{
    struct fixture *f = *state;
    static const uint8_t data[] = {0x6D, 0x08, 1, 55, 0x00, 0x00, 0x80, 0x7F};
    decode(f, "Climate", data, sizeof(data));
    assert_signal(f, 0, "21.57");
    assert_signal(f, 1, "Running");
    assert_signal(f, 2, "55");
    assert_signal(f, 3, ""); /* an infinite float is no value */
    size_t length = 0;
    assert_int_equal(signal_encode(&f->values[0], f->text, 5, &length), -EMSGSIZE);
    assert_int_equal(signal_encode(&f->values[0], f->text, 6, &length), 0);
}

/* The decoder of the contract reads back what was written. */
static void assert_readable(const struct fixture *f)
{
    struct payload_reading *reading = NULL;
    struct payload_error error = {""};
    if (payload_reading_decode(f->text, f->length, &reading, &error) < 0) {
        fail_msg("%s: %s", error.text, f->text);
    }
    assert_int_equal(reading->count, f->reading.count);
    payload_reading_free(reading);
}

static void check_bound_with_origin(const struct fixture *f, size_t bound)
{
    char name[TOPIC_ID_MAX_BYTES + 1];
    memset(name, 'x', TOPIC_ID_MAX_BYTES);
    name[TOPIC_ID_MAX_BYTES] = '\0';
    const struct payload_origin origin = {name, name};
    struct reading reading = f->reading;
    size_t length;
    size_t size = bound + READING_ORIGIN_MAX_BYTES;
    char *text = malloc(size);
    assert_non_null(text);
    reading.origin = &origin;
    assert_int_equal(reading_encode(&reading, text, size, &length), 0);
    assert_true(length >= READING_ORIGIN_MAX_BYTES); /* no more than it takes */
    free(text);
}

static void check_bounds(struct fixture *f, const struct dbc_message *m)
{
    size_t bound = reading_payload_max(m);
    assert_true(bound <= sizeof(f->text));
    assert_int_equal(reading_encode(&f->reading, f->text, bound, &f->length), 0);
    assert_readable(f);
    check_bound_with_origin(f, bound);
    for (size_t i = 0; i < f->reading.count; i++) {
        size_t length;
        size_t signal_bound = signal_payload_max(f->values[i].signal);
        assert_int_equal(signal_encode(&f->values[i], f->text, signal_bound, &length), 0);
    }
}

static void no_random_frame_exceeds_the_bounds(void **state)
{
    struct fixture *f = *state;
    static const int64_t stamps[] = {0, TS_US, 253402300799000000};
    srand(test_seed());
    for (int i = 0; i < 20000; i++) {
        const struct dbc_message *m =
            dbc_message_at(f->db, (size_t)rand() % dbc_message_count(f->db));
        uint8_t data[FRAME_DATA_MAX_BYTES];
        for (size_t at = 0; at < sizeof(data); at++) {
            data[at] = (uint8_t)(rand() % 4 == 0 ? rand() % 3 : rand());
        }
        decode(f, m->name, data, m->size_bytes);
        f->reading.ts_us = stamps[rand() % 3];
        f->reading.seq = rand() % 2 == 0 ? 0 : 9007199254740992;
        check_bounds(f, m);
    }
}

static void labels_with_escapes_fit_the_bounds(void **state)
{
    struct fixture *f = *state;
    const struct dbc_message *m = message(f, "Odd");
    for (uint8_t raw = 0; raw < 3; raw++) {
        const uint8_t data[8] = {raw, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0x7F};
        decode(f, "Odd", data, sizeof(data));
        assert_non_null(dbc_value_label(&f->values[0]));
        check_bounds(f, m);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(numbers_are_exact_and_labels_are_names),
        CASE(without_a_number_the_sequence_is_left_out),
        CASE(only_what_is_not_good_has_a_quality),
        CASE(a_raw_value_without_a_label_is_a_number),
        CASE(wide_signals_are_exact_integers),
        CASE(a_buffer_one_byte_too_small_is_refused),
        CASE(a_signal_alone_is_a_plain_value),
        CASE(no_random_frame_exceeds_the_bounds),
        CASE(labels_with_escapes_fit_the_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
