#include "automation-node/app/engine_keeper.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COLLECT_MAX  500 /* in one go: the loop has other things to do */
#define MINUTE_US    (60 * US_PER_S)
#define TAPPED_US    (5 * US_PER_S) /* somebody may have to go on from there at any time */
#define INPUT_KIND   "input"
#define ALIVE_MIN_US (1 * US_PER_S)
#define ALIVE_MAX_US (30 * US_PER_S)

struct engine_keeper {
    struct loop *loop;
    struct engine *engine;
    const struct remembered *remembered; /* NULL once what is gone was deleted */
    struct device_record *record;        /* NULL until the start */
    struct timer timer;
    struct buf text;
    int64_t alive_every_us;
    int64_t all_at_us; /* when numbers are written again */
    bool alive_due;
    void (*tap)(void *context, const struct engine_record *record); /* NULL: none */
    void *tap_context;
};

/* Half the shortest time in which an input goes stale: what is held after a stop is held for the
 * rest of it. */
static int64_t alive_interval(const struct engine_options *options)
{
    int64_t shortest_us = 2 * ALIVE_MAX_US;
    for (size_t i = 0; i < options->input_count; i++) {
        int64_t stale_us = options->inputs[i].stale_after_us;
        shortest_us = stale_us > 0 && stale_us < shortest_us ? stale_us : shortest_us;
    }
    return shortest_us / 2 > ALIVE_MIN_US ? shortest_us / 2 : ALIVE_MIN_US;
}

static void on_timer(void *context)
{
    struct engine_keeper *keeper = context;
    keeper->alive_due = true;
    device_record_wake(keeper->record);
    loop_timer_after(keeper->loop, &keeper->timer, keeper->alive_every_us);
}

int engine_keeper_new(struct loop *loop, const struct node_plan *plan, struct engine *engine,
                      const struct remembered *remembered, struct engine_keeper **ret)
{
    struct engine_keeper *keeper = calloc(1, sizeof(*keeper));
    if (keeper == NULL) {
        return -ENOMEM;
    }
    keeper->loop = loop;
    keeper->engine = engine;
    keeper->remembered = remembered;
    keeper->timer = (struct timer){.fn = on_timer, .context = keeper};
    keeper->alive_every_us = alive_interval(&plan->engine);
    buf_init(&keeper->text, ENGINE_RECORD_MAX_BYTES);
    *ret = keeper;
    return 0;
}

void engine_keeper_free(struct engine_keeper *keeper)
{
    if (keeper != NULL) {
        loop_timer_cancel(keeper->loop, &keeper->timer);
        buf_deinit(&keeper->text);
        free(keeper);
    }
}

void engine_keeper_start(struct engine_keeper *keeper, struct device_record *record)
{
    keeper->record = record;
    loop_timer_after(keeper->loop, &keeper->timer, 0);
}

void engine_keeper_look(struct engine_keeper *keeper)
{
    if (keeper->record != NULL && engine_has_record(keeper->engine)) {
        device_record_wake(keeper->record);
    }
}

void engine_keeper_note_clock(struct engine_keeper *keeper)
{
    keeper->alive_due = true;
    engine_keeper_look(keeper);
}

void engine_keeper_tap(struct engine_keeper *keeper,
                       void (*record)(void *context, const struct engine_record *record),
                       void *context)
{
    keeper->tap = record;
    keeper->tap_context = context;
}

static void tell_tap(const struct engine_keeper *keeper, const struct engine_record *record)
{
    if (keeper->tap != NULL && strcmp(record->kind, INPUT_KIND) != 0) {
        keeper->tap(keeper->tap_context, record);
    }
}

void engine_keeper_tap_all(struct engine_keeper *keeper)
{
    struct engine_record record;
    engine_note_all_records(keeper->engine);
    while (engine_take_record(keeper->engine, true, &keeper->text, &record)) {
        tell_tap(keeper, &record);
    }
    engine_note_all_records(keeper->engine); /* for the store */
}

/* False if there is more. */
static bool add_records(struct engine_keeper *keeper, struct record_batch *records, bool all,
                        size_t most)
{
    struct engine_record record;
    for (size_t i = 0; i < most; i++) {
        if (!engine_take_record(keeper->engine, all, &keeper->text, &record)) {
            return true;
        }
        const struct stored_record stored = {record.kind, record.id, record.definition,
                                             record.data};
        tell_tap(keeper, &record);
        if (!record_batch_add(records, &stored)) {
            return false; /* said again whenever it changes, and by the next start's absence */
        }
    }
    return false;
}

static void add_node(struct engine_keeper *keeper, struct record_batch *records, bool complete)
{
    struct remembered_node node = {.complete = complete};
    node.alive_us = engine_record_clock(keeper->engine, loop_now_us(keeper->loop), &node.clock);
    remembered_node_write(&node, &keeper->text);
    const struct stored_record stored = {REMEMBERED_NODE, "", 0, keeper->text.data};
    if (!buf_ok(&keeper->text) || !record_batch_add(records, &stored)) {
        return; /* it counts as alive until a bit earlier */
    }
    keeper->alive_due = false;
}

void engine_keeper_collect(void *context, struct record_batch *records, bool final)
{
    struct engine_keeper *keeper = context;
    int64_t now_us = loop_now_us(keeper->loop);
    if (keeper->record == NULL) {
        return; /* what it knows is not what is to be remembered: another node leads */
    }
    bool all = final || now_us >= keeper->all_at_us;
    size_t before = records->count;
    if (keeper->remembered != NULL) {
        remembered_add_gone(keeper->remembered, keeper->engine, records);
        keeper->remembered = NULL;
    }
    bool finished = add_records(keeper, records, all, final ? SIZE_MAX : COLLECT_MAX);
    if (all && finished) {
        keeper->all_at_us = now_us + (keeper->tap != NULL ? TAPPED_US : MINUTE_US);
    }
    if (final || keeper->alive_due || records->count > before) {
        add_node(keeper, records, final && finished);
    }
    if (!final && !finished) {
        device_record_wake(keeper->record);
    }
}
