/*
 * Any bytes as what a stranger publishes: every decoder of topics/ must take or refuse them with a
 * reason that can be printed, and what one takes must come back from its writer as it was.
 *
 * The input is one payload; as topics, its first line is a filter, the rest a topic.
 */
#include "tests/fuzz/fuzz.h"
#include "topics/json_number.h"
#include "topics/payload_device.h"
#include "topics/payload_memory.h"
#include "topics/payload_node.h"
#include "topics/payload_node_claim.h"
#include "topics/payload_reading.h"
#include "topics/payload_set.h"
#include "topics/topic.h"
#include "topics/utf8.h"

#include <errno.h>

#define PREFIX           "edge"
#define WRITTEN_MAX_SIZE (256u * 1024u)

struct payload {
    const char *text;
    size_t length;
};

static void check_refusal(int r, const struct payload_error *error)
{
    require(r == -EINVAL || r == -EMSGSIZE);
    require(error->text[0] != '\0');
    require(utf8_is_printable(error->text, strlen(error->text)));
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_value(const struct payload_value *a, const struct payload_value *b)
{
    return a->type == b->type && (a->type != PAYLOAD_NUMBER || a->number == b->number) &&
           (a->type != PAYLOAD_TEXT || same_text(a->text, b->text)) &&
           (a->type != PAYLOAD_BOOL || a->truth == b->truth);
}

/* The text of a writer, to be freed. */
static char *finish(struct json_writer *w, size_t *ret_length)
{
    require(json_writer_finish(w, ret_length) == 0);
    char *text = fuzz_text(w->text, *ret_length);
    free(w->text);
    return text;
}

static void begin(struct json_writer *w)
{
    json_writer_init(w, fuzz_alloc(WRITTEN_MAX_SIZE, 1), WRITTEN_MAX_SIZE);
}

static void write_signal(struct json_writer *w, const struct payload_reading_signal *signal)
{
    char number[JSON_NUMBER_TEXT_SIZE];
    switch (signal->value.type) {
    case PAYLOAD_NUMBER:
        payload_reading_number(w, signal->name, number,
                               json_number_from_double(number, signal->value.number));
        break;
    case PAYLOAD_TEXT:
        payload_reading_label(w, signal->name, signal->value.text);
        break;
    case PAYLOAD_NULL:
        payload_reading_null(w, signal->name);
        break;
    case PAYLOAD_BOOL:
        require(false); /* no reading has one */
        break;
    }
}

static char *write_reading(const struct payload_reading *reading, size_t *ret_length)
{
    struct json_writer w;
    begin(&w);
    payload_reading_begin(&w, NULL, reading->ts_us, reading->seq);
    for (size_t i = 0; i < reading->count; i++) {
        write_signal(&w, &reading->signals[i]);
    }
    payload_reading_quality_begin(&w);
    for (size_t i = 0; i < reading->count; i++) {
        payload_reading_quality(&w, reading->signals[i].name, reading->signals[i].quality);
    }
    payload_reading_end(&w);
    return finish(&w, ret_length);
}

static void check_reading(const struct payload *payload)
{
    struct payload_error error = {""};
    struct payload_reading *reading;
    struct payload_reading *again;
    size_t length;
    int r = payload_reading_decode(payload->text, payload->length, &reading, &error);
    if (r < 0) {
        check_refusal(r, &error);
        return;
    }
    char *text = write_reading(reading, &length);
    require(payload_reading_decode(text, length, &again, &error) == 0);
    require(again->ts_us == reading->ts_us && again->seq == reading->seq);
    require(again->count == reading->count);
    for (size_t i = 0; i < reading->count; i++) {
        const struct payload_reading_signal *signal = &reading->signals[i];
        require(payload_reading_find(reading, signal->name) == signal);
        require(same_text(again->signals[i].name, signal->name));
        require(same_value(&again->signals[i].value, &signal->value));
        require(again->signals[i].quality == signal->quality);
    }
    payload_reading_free(again);
    payload_reading_free(reading);
    free(text);
}

static char *write_set(const struct payload_set *set, size_t *ret_length)
{
    struct json_writer w;
    begin(&w);
    payload_set_begin(&w);
    for (size_t i = 0; i < set->count; i++) {
        payload_set_signal(&w, set->signals[i].name, &set->signals[i].value);
    }
    payload_set_end(&w, set->ttl_ms, set->transaction, set->has_master ? &set->master : NULL,
                    set->has_sent ? &set->sent : NULL);
    return finish(&w, ret_length);
}

static void check_set(const struct payload *payload)
{
    struct payload_error error = {""};
    struct payload_set *set;
    struct payload_set *again;
    size_t length;
    int r = payload_set_decode(payload->text, payload->length, &set, &error);
    if (r < 0) {
        check_refusal(r, &error);
        return;
    }
    char *text = write_set(set, &length);
    require(payload_set_decode(text, length, &again, &error) == 0);
    require(set->count >= 1 && set->count <= PAYLOAD_SIGNALS_MAX);
    require(set->ttl_ms <= PAYLOAD_TTL_MAX_MS);
    require(again->has_sent == set->has_sent && again->sent.clock == set->sent.clock &&
            again->sent.ms == set->sent.ms);
    require(again->count == set->count && again->ttl_ms == set->ttl_ms);
    require(same_text(again->transaction, set->transaction));
    for (size_t i = 0; i < set->count; i++) {
        require(same_text(again->signals[i].name, set->signals[i].name));
        require(same_value(&again->signals[i].value, &set->signals[i].value));
    }
    payload_set_free(again);
    payload_set_free(set);
    free(text);
}

static void check_state(const struct payload *payload)
{
    struct payload_error error = {""};
    struct payload_device_state *state;
    struct payload_device_state *again;
    struct json_writer w;
    size_t length;
    int r = payload_device_state_decode(payload->text, payload->length, &state, &error);
    if (r < 0) {
        check_refusal(r, &error);
        return;
    }
    begin(&w);
    payload_device_state_write(&w, state);
    char *text = finish(&w, &length);
    require(payload_device_state_decode(text, length, &again, &error) == 0);
    require(same_value(&again->value, &state->value));
    require(same_value(&again->target, &state->target));
    require(same_text(again->source, state->source) && same_text(again->reason, state->reason));
    require(again->since_us == state->since_us && again->until_us == state->until_us);
    require(again->quality == state->quality);
    payload_device_state_free(again);
    payload_device_state_free(state);
    free(text);
}

static void check_wish(const struct payload *payload)
{
    struct payload_error error = {""};
    struct payload_wish wish;
    int r = payload_wish_decode(payload->text, payload->length, &wish, &error);
    if (r < 0) {
        check_refusal(r, &error);
        return;
    }
    struct payload_value value = payload_wish_value(&wish);
    require((value.type == PAYLOAD_TEXT) == (value.text != NULL));
    require(strlen(wish.text) <= PAYLOAD_TEXT_MAX_BYTES);
    require(strlen(wish.transaction) <= PAYLOAD_TRANSACTION_MAX_BYTES);
    require(wish.for_s <= PAYLOAD_FOR_MAX_S);
}

static void check_claim(const struct payload *payload)
{
    struct payload_error error = {""};
    struct payload_node_claim claim;
    struct payload_node_claim again;
    struct json_writer w;
    size_t length;
    int r = payload_node_claim_decode(payload->text, payload->length, &claim, &error);
    if (r < 0) {
        check_refusal(r, &error);
        return;
    }
    begin(&w);
    payload_node_claim_write(&w, &claim);
    char *text = finish(&w, &length);
    require(payload_node_claim_decode(text, length, &again, &error) == 0);
    require(again.role == claim.role && again.beat == claim.beat);
    require(claim.group == NULL || again.epoch == claim.epoch);
    require(same_text(again.group, claim.group) && same_text(again.to, claim.to));
    require(again.device_count == claim.device_count);
    free(text);
    payload_node_claim_deinit(&again);
    payload_node_claim_deinit(&claim);
}

static void check_memory(const struct payload *payload)
{
    struct payload_error error = {""};
    struct payload_memory memory;
    int r = payload_memory_decode(payload->text, payload->length, &memory, &error);
    if (r < 0) {
        check_refusal(r, &error);
        return;
    }
    require(memory.data != NULL && memory.epoch <= PAYLOAD_INTEGER_MAX);
    payload_memory_deinit(&memory);
}

static void take_group(void *context, const struct payload_master *master)
{
    (void)context;
    require(topic_id_is_valid(master->group) && topic_id_is_valid(master->node));
    require(master->epoch >= 1 && master->epoch <= PAYLOAD_INTEGER_MAX);
}

static void check_fences(const struct payload *payload)
{
    struct payload_error error = {""};
    int r = payload_fences_decode(payload->text, payload->length, take_group, NULL, &error);
    if (r < 0) {
        check_refusal(r, &error);
    }
}

static void check_word(const struct payload *payload)
{
    bool online;
    if (payload_status_from_text(payload->text, payload->length, &online)) {
        const char *word = payload_status_text(online);
        require(strlen(word) == payload->length);
        require(memcmp(word, payload->text, payload->length) == 0);
    }
    double number;
    int r = json_number_parse(payload->text, payload->length, &number);
    require(r == 0 || r == -EINVAL || r == -ERANGE);
    require(r != -EINVAL || !json_number_is_valid(payload->text, payload->length));
}

static void check_id(const char *text)
{
    char id[TOPIC_ID_MAX_BYTES + 1];
    int r = topic_id_from_text(text, id, sizeof(id));
    require(r == 0 || r == -ENAMETOOLONG);
    if (r == 0) {
        require(topic_id_is_valid(id) && !topic_id_is_reserved(id));
    }
    require(!topic_prefix_is_valid(text) || topic_name_is_valid(text));
}

static void check_filter(const char *filter, const char *topic)
{
    if (topic_filter_is_valid(filter) && topic_name_is_valid(topic)) {
        bool has_wildcard = strpbrk(filter, "+#") != NULL;
        bool matches = topic_matches(filter, topic);
        require(topic_matches(topic, topic));
        require(has_wildcard || matches == (strcmp(filter, topic) == 0));
        require(topic_matches("#", topic) == (topic[0] != '$'));
    }
}

static void check_topic(const char *topic)
{
    char text[TOPIC_MAX_BYTES + 1];
    struct topic_parsed parsed;
    int r = topic_parse(PREFIX, topic, &parsed);
    require(r == 0 || r == -ENOENT);
    if (r == 0) {
        struct topic view = topic_view(&parsed);
        require(topic_name_is_valid(topic));
        require(topic_format(PREFIX, &view, text, sizeof(text)) == 0);
        require(strcmp(text, topic) == 0);
        require(topic_filter_format(PREFIX, &view, text, sizeof(text)) == 0);
        require(topic_matches(text, topic));
    }
}

static void check_topics(const struct payload *payload)
{
    char *filter = fuzz_text(payload->text, payload->length);
    char *topic = strchr(filter, '\n');
    check_id(filter);
    check_topic(filter);
    if (topic != NULL) {
        *topic++ = '\0';
        check_topic(topic);
        check_filter(filter, topic);
    }
    free(filter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct payload payload = {(const char *)data, size};
    check_reading(&payload);
    check_set(&payload);
    check_state(&payload);
    check_wish(&payload);
    check_claim(&payload);
    check_memory(&payload);
    check_fences(&payload);
    check_word(&payload);
    check_topics(&payload);
    return 0;
}
