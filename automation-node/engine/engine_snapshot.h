/*
 * What an engine remembers over a stop or a reload: one record for each input, rule, schedule,
 * controller, interlock, alarm and device, by its name. A record is restored into an engine in
 * which the thing is configured exactly as it was; what is configured otherwise begins anew.
 *
 * A wish is not a record: its effect is - who has the device, until when. So it cannot be carried
 * out twice. What a record says of values is what was known, not what happens: restored values fire
 * nothing.
 *
 * After a stop (`after_stop`) the engine doubts what it was told:
 *   inputs       are held as after any other gap in their readings, then lost (input_archive.h)
 *   devices      keep their targets; what they do is not known until their feedback is seen
 *   interlocks   whoever was on may stay on; nobody starts before the others were seen off
 *   PIDs         keep their integral, unless the stop was long
 * Without a stop (a reload) everything goes on as if there had been none.
 *
 * Instants are wall clock time in a record. Where the wall clock is not known at the start, the
 * time of the stop counts as none, so that nothing ends too early; when the clock is set, instants
 * that are still as they were restored are put right.
 */
#ifndef EDGE_AUTOMATION_ENGINE_ENGINE_SNAPSHOT_H
#define EDGE_AUTOMATION_ENGINE_ENGINE_SNAPSHOT_H

#include "common/attributes.h"
#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ENGINE_RECORD_MAX_BYTES (256 * 1024)

struct engine;

struct engine_record {
    const char *kind;    /* "input", "rule", "event", "schedule", "interlock", "device",
                            "controller", "alarm" */
    const char *id;      /* unique in its kind */
    uint64_t definition; /* a hash of how it is configured */
    const char *data;    /* flat JSON */
    size_t length;       /* bytes */
};

/* What engine_new() restores. Borrowed until the engine's clock is set, or it is freed. */
struct engine_memory {
    const struct engine_record *records;
    size_t count;
    bool after_stop;
    bool inputs_known; /* what is known of the inputs is not doubted: somebody followed them */
    int64_t alive_us;  /* wall clock: when the engine that wrote them was known to run last */
    bool complete;     /* nothing happened after the records were written: an orderly stop */
    int64_t wall_us;   /* wall clock now; EXPRESSION_NO_CLOCK: not known, or it was not when they
                          were written */
    int64_t integral_max_us; /* after a longer stop a PID begins without its integral */
};

/*
 * The next record that is not as it was when it was taken last; false if there is none. Its texts
 * are in `text`, which is emptied first, and in the engine, valid until it is called again. Take
 * all outputs before. At first every record is due. `all`: also what moves all the time, such as
 * numbers of inputs and integrals; else only what would be missed.
 */
EDGE_MUST_CHECK bool engine_take_record(struct engine *engine, bool all, struct buf *text,
                                        struct engine_record *ret);

/* Whether engine_take_record() may have something that would be missed. */
bool engine_has_record(const struct engine *engine);

/* Every record is due again, as it was or not. */
void engine_note_all_records(struct engine *engine);

/* Wall clock time as the records have it now; `ret_known`: that is so by the clock. */
int64_t engine_record_clock(const struct engine *engine, int64_t now_us, bool *ret_known);

enum record_fate {
    RECORD_KEPT,
    RECORD_CHANGED, /* the thing is configured otherwise now */
    RECORD_REMOVED  /* nothing has that name */
};

/* What this engine makes of a record. */
enum record_fate engine_record_fate(const struct engine *engine,
                                    const struct engine_record *record);

/* Calls back for each thing that none of the records is about. */
void engine_each_new(const struct engine *engine, const struct engine_memory *memory,
                     void (*found)(void *context, const char *kind, const char *id), void *context);

#endif
