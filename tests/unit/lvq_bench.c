#include "tests/unit/lvq_bench.h"

#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_settled(void *context, uint64_t tag, enum lvq_outcome outcome)
{
    struct lvq_bench *f = context;
    assert_in_range(tag, 1, f->tags);
    assert_false(f->settled[tag % SENT_MAX]);
    f->settled[tag % SENT_MAX] = true;
    f->told[outcome]++;
}

static enum mqtt_publish_result take(void *context, const struct mqtt_publish *publish)
{
    struct lvq_bench *f = context;
    if (f->answer != MQTT_PUBLISHED) {
        return f->answer;
    }
    if (f->room == 0) {
        return MQTT_WINDOW_FULL;
    }
    f->room--;
    assert_true(f->sent_count < SENT_MAX);
    struct sent *sent = &f->sent[f->sent_count++];
    (void)snprintf(sent->topic, sizeof(sent->topic), "%s", publish->topic);
    (void)snprintf(sent->payload, sizeof(sent->payload), "%.*s", (int)publish->length,
                   (const char *)publish->payload);
    sent->publish = *publish;
    return MQTT_PUBLISHED;
}

int bench_set_up(void **state)
{
    struct lvq_bench *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    f->answer = MQTT_PUBLISHED;
    f->room = SIZE_MAX;
    assert_int_equal(lvq_new(take, f, &f->q), 0);
    lvq_on_settled(f->q, on_settled, f);
    static const char *const topics[] = {"a", "b", "c"};
    for (size_t i = 0; i < 3; i++) {
        struct lvq_slot_options options = {topics[i], PAYLOAD_MAX, i < 2};
        size_t slot = SIZE_MAX;
        assert_int_equal(lvq_add(f->q, &options, &slot), 0);
        assert_int_equal(slot, i);
    }
    *state = f;
    return 0;
}

int bench_tear_down(void **state)
{
    struct lvq_bench *f = *state;
    lvq_free(f->q);
    free(f);
    return 0;
}

void bench_put_item(struct lvq_bench *f, size_t slot, const char *payload, int qos,
                    int64_t expires_us)
{
    struct lvq_item item = {
        .slot = slot,
        .payload = payload,
        .length = strlen(payload),
        .qos = qos,
        .tag = qos == 1 ? ++f->tags : 0,
        .expires_us = expires_us,
    };
    lvq_put(f->q, &item, 0);
}

void bench_put(struct lvq_bench *f, size_t slot, const char *payload)
{
    bench_put_item(f, slot, payload, 1, 0);
}

void bench_end(struct lvq_bench *f, size_t sent, enum mqtt_fate fate)
{
    lvq_on_acknowledged(f->q, f->sent[sent].publish.token, fate, 0);
}

void bench_go_up(struct lvq_bench *f)
{
    f->answer = MQTT_PUBLISHED;
    lvq_on_up(f->q, 0);
}

void bench_assert_sent(const struct lvq_bench *f, const char *expected)
{
    char text[512] = "";
    size_t length = 0;
    for (size_t i = 0; i < f->sent_count; i++) {
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s=%s",
                                   i > 0 ? " " : "", f->sent[i].topic, f->sent[i].payload);
    }
    assert_string_equal(text, expected);
}

static uint64_t settled(const struct lvq_stats *s)
{
    uint64_t sum = 0;
    for (int i = 0; i < LVQ_OUTCOME_COUNT; i++) {
        sum += s->outcomes[i];
    }
    return sum;
}

void bench_assert_counted(const struct lvq_bench *f, const char *expected)
{
    struct lvq_stats s = lvq_stats(f->q);
    const struct {
        const char *name;
        uint64_t value;
    } counters[] = {{"tagged", s.tagged},
                    {"acknowledged", s.outcomes[LVQ_ACKNOWLEDGED]},
                    {"superseded", s.outcomes[LVQ_SUPERSEDED]},
                    {"expired", s.outcomes[LVQ_EXPIRED]},
                    {"refused", s.outcomes[LVQ_REFUSED]},
                    {"pending", s.pending}};
    char text[256] = "";
    size_t length = 0;
    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
        if (counters[i].value > 0) {
            length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s %llu",
                                       length > 0 ? " " : "", counters[i].name,
                                       (unsigned long long)counters[i].value);
        }
    }
    assert_string_equal(text, expected);
    assert_int_equal(s.tagged, settled(&s) + s.pending);
    assert_memory_equal(f->told, s.outcomes, sizeof(f->told));
}
