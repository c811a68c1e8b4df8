/* The records of an engine, for engine*.c only: see engine_snapshot.h. Items are those of
 * engine_item(), controllers included. */
#ifndef EDGE_AUTOMATION_ENGINE_ENGINE_BOOK_H
#define EDGE_AUTOMATION_ENGINE_ENGINE_BOOK_H

#include "automation-node/engine/arbiter_archive.h"
#include "automation-node/engine/device_archive.h"
#include "automation-node/engine/engine_calls.h"
#include "automation-node/engine/engine_snapshot.h"
#include "automation-node/engine/event_rule_archive.h"
#include "automation-node/engine/level_rule_archive.h"
#include "automation-node/engine/pid_archive.h"
#include "automation-node/state/archive.h"

#define AGENDA_PARTS (AGENDA_CONTROLLER + 1)

enum record_due {
    RECORD_NOT_DUE,
    RECORD_DUE_LATER, /* it moves all the time */
    RECORD_DUE_NOW
};

struct record_book {
    size_t count; /* items */
    char **names; /* by item */
    uint64_t *definitions;
    size_t *by_name;      /* items, sorted by part and name */
    enum record_due *due; /* by item */
    uint64_t *taken;      /* by item: digest of what was taken last; 0 = nothing yet */
    bool *restored;       /* by item */
    size_t *now;          /* stack of what is due now */
    size_t now_count;
    size_t later_at;   /* where the search for what is due later goes on */
    bool handing_over; /* while it starts: without a stop before */
    int64_t offset_us; /* wall clock minus monotonic, of records that are taken */
    const struct engine_memory *uncertain; /* restored without a clock; NULL = not so */
};

/* --- engine_definition.c --- */

/* Names and definitions of everything. 0 or -ENOMEM. */
EDGE_MUST_CHECK int engine_define(struct engine *engine, const struct engine_options *options);

/* --- engine_snapshot.c --- */

EDGE_MUST_CHECK int engine_new_book(struct engine *engine, const struct engine_options *options);
void engine_free_book(struct engine *engine);

/* The item's record is not as it was. */
void engine_note_record(struct engine *engine, size_t item, enum record_due due);

/* SIZE_MAX if there is none. */
size_t engine_find_item(const struct engine *engine, enum agenda_part part, const char *name);
enum agenda_part engine_part_of(const struct engine *engine, size_t item, size_t *ret_index);
/* SIZE_MAX: no such kind. */
size_t engine_find_record(const struct engine *engine, const struct engine_record *record);

/* All that an item remembers. */
void engine_archive(struct engine *engine, size_t item, struct archive *a);

/* --- engine_restore.c --- */

/* Before engine_start(). */
void engine_restore(struct engine *engine, const struct engine_memory *memory, int64_t now_us);

/* The wall clock is set: records have another time from now on, and what was restored without it is
 * put right; true if something was. */
EDGE_MUST_CHECK bool engine_set_record_clock(struct engine *engine);

#endif
