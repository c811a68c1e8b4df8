#include "topics/limits.h"
#include "topics/payload_backfill.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <string.h>

static const char *finish(struct json_writer *w)
{
    size_t length;
    assert_int_equal(json_writer_finish(w, &length), 0);
    return w->text;
}

static void a_gap_names_ranges_and_reason(void **state)
{
    (void)state;
    char text[128];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_gap_begin(&w);
    payload_gap_range(&w, 1001, 1043);
    payload_gap_range(&w, 1050, 1050);
    payload_gap_end(&w, PAYLOAD_GAP_QUOTA_BYTES);
    assert_string_equal(finish(&w),
                        "{\"ranges\":[[1001,1043],[1050,1050]],\"reason\":\"quota_bytes\"}");
}

/* The widest ranges there can be, as many as a message may hold. */
static void the_largest_gap_fits_in_a_chunk(void **state)
{
    (void)state;
    static char text[PAYLOAD_CHUNK_MAX_BYTES];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_gap_begin(&w);
    for (int i = 0; i < PAYLOAD_GAP_RANGES_MAX; i++) {
        payload_gap_range(&w, PAYLOAD_INTEGER_MAX, PAYLOAD_INTEGER_MAX);
    }
    payload_gap_end(&w, PAYLOAD_GAP_RESTART);
    (void)finish(&w);
}

static void every_reason_is_the_word_of_the_contract(void **state)
{
    (void)state;
    static const char *const words[] = {"restart", "stalled", "quota_bytes", "quota_age",
                                        "thinned", "corrupt", "refused",     "undecodable"};
    assert_int_equal(sizeof(words) / sizeof(words[0]), PAYLOAD_GAP_UNDECODABLE + 1);
    for (int i = 0; i <= PAYLOAD_GAP_UNDECODABLE; i++) {
        assert_string_equal(payload_gap_reason_text((enum payload_gap_reason)i), words[i]);
    }
}

static void a_summary_has_its_interval_seqs_and_signals(void **state)
{
    (void)state;
    char text[256];
    struct json_writer w;
    json_writer_init(&w, text, sizeof(text));
    payload_summary_begin(&w, &(struct payload_summary){.from_us = 1795420800000000,
                                                        .to_us = 1795424400000000,
                                                        .first_seq = 1001,
                                                        .last_seq = 1943,
                                                        .count = 360});
    payload_summary_signal(
        &w, &(struct payload_summary_signal){
                .name = "Temperature", .min = 20.5, .max = 22, .mean = 21.25, .last = 21.5});
    payload_summary_end(&w);
    assert_string_equal(finish(&w),
                        "{\"from\":1795420800,\"to\":1795424400,\"first\":1001,\"last\":1943,"
                        "\"count\":360,\"signals\":{\"Temperature\":{\"min\":20.5,\"max\":22,"
                        "\"mean\":21.25,\"last\":21.5}}}");
}

static void an_ack_is_a_plain_integer_and_perhaps_a_log(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct payload_ack ack;
    } cases[] = {
        {"0", {0, 0}},
        {"7", {7, 0}},
        {"1234", {1234, 0}},
        {"9007199254740991", {PAYLOAD_INTEGER_MAX - 1, 0}},
        {"9007199254740992", {PAYLOAD_INTEGER_MAX, 0}},
        {"0 0000000000000001", {0, 1}},
        {"1234 0f3c9a1122334455", {1234, 0x0f3c9a1122334455}},
        {"1 ffffffffffffffff", {1, UINT64_MAX}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct payload_ack ack = {1, 1};
        struct payload_error error;
        assert_int_equal(payload_ack_decode(cases[i].text, strlen(cases[i].text), &ack, &error), 0);
        assert_true(ack.seq == cases[i].ack.seq);
        assert_true(ack.log_id == cases[i].ack.log_id);
    }
}

static void anything_else_is_no_ack(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "-1",
        "+1",
        "00",
        "01",
        "1.0",
        "1e3",
        "0x10",
        " 1",
        "1\n",
        "\"1\"",
        "{}",
        "1/",
        "1:",
        "9007199254740993",
        "9007199254741000",
        "18446744073709551616",
        "99999999999999999999999999999999",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct payload_ack ack = {42, 0};
        struct payload_error error;
        assert_int_equal(payload_ack_decode(texts[i], strlen(texts[i]), &ack, &error), -EINVAL);
        assert_true(ack.seq == 42);
        assert_string_equal(error.text, "not a plain integer from 0 to 9007199254740992");
    }
    struct payload_ack ack;
    struct payload_error error;
    assert_int_equal(payload_ack_decode("1\0", 2, &ack, &error), -EINVAL);
}

static void what_follows_an_ack_is_the_id_of_a_log(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "1 ",
        "1 2",
        "1  0f3c9a1122334455",
        "1 0f3c9a1122334455 ",
        "1 0F3C9A1122334455",
        "1 0f3c9a112233445",
        "1 00f3c9a1122334455",
        "1 0000000000000000",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct payload_ack ack = {42, 0};
        struct payload_error error;
        assert_int_equal(payload_ack_decode(texts[i], strlen(texts[i]), &ack, &error), -EINVAL);
        assert_true(ack.seq == 42);
        assert_string_equal(error.text, "what follows the number is not the id of a log");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gap_names_ranges_and_reason),
        cmocka_unit_test(the_largest_gap_fits_in_a_chunk),
        cmocka_unit_test(every_reason_is_the_word_of_the_contract),
        cmocka_unit_test(a_summary_has_its_interval_seqs_and_signals),
        cmocka_unit_test(an_ack_is_a_plain_integer_and_perhaps_a_log),
        cmocka_unit_test(anything_else_is_no_ack),
        cmocka_unit_test(what_follows_an_ack_is_the_id_of_a_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
