/* An engine that ends, and another one that goes on with what it remembered. */
#ifndef EDGE_TESTS_SCENARIO_RESTART_H
#define EDGE_TESTS_SCENARIO_RESTART_H

#include "automation-node/engine/engine.h"
#include "automation-node/engine/engine_snapshot.h"
#include "automation-node/expression/expression.h"
#include "tests/unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#define NOTES_MAX 64

/* What a store would hold: the newest record of each thing. */
struct notebook {
    struct engine_record records[NOTES_MAX];
    size_t count;
    int64_t alive_us; /* wall clock */
    bool complete;    /* nothing happened since */
    struct engine_memory memory;
};

static inline void notebook_close(struct notebook *book)
{
    for (size_t i = 0; i < book->count; i++) {
        free((char *)book->records[i].kind);
        free((char *)book->records[i].id);
        free((char *)book->records[i].data);
    }
    *book = (struct notebook){0};
}

static inline struct engine_record *notebook_find(struct notebook *book,
                                                  const struct engine_record *record)
{
    for (size_t i = 0; i < book->count; i++) {
        if (strcmp(book->records[i].kind, record->kind) == 0 &&
            strcmp(book->records[i].id, record->id) == 0) {
            return &book->records[i];
        }
    }
    assert_true(book->count < NOTES_MAX);
    book->records[book->count] =
        (struct engine_record){.kind = strdup(record->kind), .id = strdup(record->id)};
    return &book->records[book->count++];
}

/* Takes what is due; `all`: everything that may have changed. */
static inline void notebook_write(struct notebook *book, struct engine *engine, bool all,
                                  int64_t now_us)
{
    struct buf text;
    struct engine_record record;
    buf_init(&text, ENGINE_RECORD_MAX_BYTES);
    while (engine_take_record(engine, all, &text, &record)) {
        struct engine_record *kept = notebook_find(book, &record);
        free((char *)kept->data);
        kept->data = strndup(record.data, record.length);
        kept->length = record.length;
        kept->definition = record.definition;
    }
    buf_deinit(&text);
    bool known;
    book->alive_us = engine_record_clock(engine, now_us, &known);
    book->complete = all;
}

/* An engine of the same options that goes on after `stop_us` without one. */
static inline struct engine *notebook_resume(struct notebook *book,
                                             const struct engine_options *options, bool after_stop,
                                             int64_t stop_us, int64_t now_us)
{
    struct engine *engine;
    struct engine_options resumed = *options;
    book->memory = (struct engine_memory){.records = book->records,
                                          .count = book->count,
                                          .after_stop = after_stop,
                                          .complete = book->complete,
                                          .alive_us = book->alive_us,
                                          .wall_us = book->alive_us + stop_us,
                                          .integral_max_us = INT64_C(3600) * 1000000};
    resumed.memory = &book->memory;
    assert_int_equal(engine_new(&resumed, now_us, &engine), 0);
    return engine;
}

#endif
