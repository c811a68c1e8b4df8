#include "edge-gateway/app/backfill_batch.h"

#include "edge-gateway/dbc/dbc_decode.h"
#include "edge-gateway/publish/reading_encoder.h"
#include "topics/payload_backfill.h"
#include "topics/payload_event.h"
#include "topics/topic.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct backfill_batch {
    const struct gateway_plan *plan;
    struct environment env;
    struct frame_log *log;
    size_t readings_max;
    struct dbc_value *values;
    enum backfill_kind kind;
    enum segment_void reason; /* of a gap */
    uint64_t count;
    size_t readings;
    size_t range_count;
    struct ledger_range ranges[BACKFILL_RANGES_MAX];
    size_t length;
    char topic[TOPIC_MAX_BYTES + 1];
    char payload[PAYLOAD_CHUNK_MAX_BYTES];
};

static enum payload_gap_reason gap_reason(enum segment_void reason)
{
    static const enum payload_gap_reason reasons[] = {
        [SEGMENT_VOID_RESTART] = PAYLOAD_GAP_RESTART,
        [SEGMENT_VOID_STALLED] = PAYLOAD_GAP_STALLED,
        [SEGMENT_VOID_QUOTA_BYTES] = PAYLOAD_GAP_QUOTA_BYTES,
        [SEGMENT_VOID_QUOTA_AGE] = PAYLOAD_GAP_QUOTA_AGE,
        [SEGMENT_VOID_THINNED] = PAYLOAD_GAP_THINNED,
        [SEGMENT_VOID_CORRUPT] = PAYLOAD_GAP_CORRUPT,
        [SEGMENT_VOID_REFUSED] = PAYLOAD_GAP_REFUSED,
        [SEGMENT_VOID_UNDECODABLE] = PAYLOAD_GAP_UNDECODABLE,
    };
    _Static_assert(sizeof(reasons) / sizeof(reasons[0]) == SEGMENT_VOID_COUNT, "each reason");
    return reasons[reason];
}

static size_t most_signals(const struct gateway_plan *plan)
{
    size_t most = 1;
    for (size_t i = 0; i < plan->config->bus_count; i++) {
        for (size_t k = 0; k < plan->buses[i].message_count; k++) {
            size_t count = plan->buses[i].messages[k].message->signal_count;
            most = count > most ? count : most;
        }
    }
    return most;
}

int backfill_batch_new(const struct gateway_plan *plan, const struct environment *environment,
                       struct frame_log *log, struct backfill_batch **ret)
{
    struct backfill_batch *batch = calloc(1, sizeof(*batch));
    struct dbc_value *values = calloc(most_signals(plan), sizeof(*values));
    if (batch == NULL || values == NULL) {
        free(batch);
        free(values);
        return -ENOMEM;
    }
    batch->plan = plan;
    batch->env = *environment;
    batch->log = log;
    batch->values = values;
    batch->readings_max = (size_t)plan->config->backfill.batch;
    *ret = batch;
    return 0;
}

void backfill_batch_free(struct backfill_batch *batch)
{
    if (batch != NULL) {
        free(batch->values);
        free(batch);
    }
}

void backfill_batch_reset(struct backfill_batch *batch)
{
    batch->kind = BACKFILL_NOTHING;
    batch->count = 0;
    batch->readings = 0;
    batch->range_count = 0;
    batch->length = 0;
}

/* False: no room for another run. */
static bool add_range(struct backfill_batch *batch, struct ledger_range range)
{
    struct ledger_range *last =
        batch->range_count > 0 ? &batch->ranges[batch->range_count - 1] : NULL;
    if (last != NULL && last->last + 1 == range.first) {
        last->last = range.last;
    } else if (batch->range_count < BACKFILL_RANGES_MAX) {
        batch->ranges[batch->range_count++] = range;
    } else {
        return false;
    }
    batch->count += range.last - range.first + 1;
    return true;
}

static bool has_range_for(const struct backfill_batch *batch, uint64_t seq)
{
    return batch->range_count < BACKFILL_RANGES_MAX ||
           batch->ranges[batch->range_count - 1].last + 1 == seq;
}

static void make_topic(struct backfill_batch *batch, struct topic topic)
{
    topic.site = batch->env.site;
    topic.node = batch->env.node;
    if (topic_format(batch->env.prefix, &topic, batch->topic, sizeof(batch->topic)) < 0) {
        batch->topic[0] = '\0'; /* cannot be: the live topics of these names were made */
    }
}

/* ---- readings --------------------------------------------------------------------------- */

/* Where a record's reading belongs today. */
struct place {
    const char *bus;
    const struct dbc_message *message;
    size_t count; /* of the values; 0: nothing decodes it any more */
};

static struct place locate(struct backfill_batch *batch, const struct frame *frame)
{
    int bus = store_bus_index(frame_log_store(batch->log), frame->bus);
    if (bus < 0) {
        return (struct place){.count = 0};
    }
    const struct bus_plan *plan = &batch->plan->buses[bus];
    bool extended = (frame->flags & FRAME_EXTENDED) != 0;
    const struct dbc_message *message = dbc_find_by_id(plan->database, frame->can_id, extended);
    size_t count =
        message != NULL ? dbc_decode(message, frame->data, frame->len, batch->values) : 0;
    return (struct place){plan->config->name, message, count};
}

static bool encode_reading(struct backfill_batch *batch, const struct segment_record *record,
                           const struct place *place)
{
    const struct payload_origin origin = {place->bus, place->message->name};
    const struct reading reading = {
        .origin = batch->readings_max > 1 ? &origin : NULL,
        .ts_us = record->ts_us,
        .seq = record->seq,
        .values = batch->values,
        .count = place->count,
    };
    size_t at = batch->length + 1; /* behind '[' or ',' */
    size_t length;
    if (at + 1 >= sizeof(batch->payload) ||
        reading_encode(&reading, batch->payload + at, sizeof(batch->payload) - at - 1, &length) <
            0) {
        return false;
    }
    batch->payload[batch->length] = batch->readings == 0 ? '[' : ',';
    batch->length = at + length;
    batch->readings++;
    return true;
}

static bool add_frame(struct backfill_batch *batch, const struct segment_record *record)
{
    const struct ledger_range range = {record->seq, record->seq};
    const struct place place = locate(batch, &record->frame);
    if (place.count == 0) {
        return backfill_batch_add_gap(batch, range, SEGMENT_VOID_UNDECODABLE);
    }
    if ((batch->kind != BACKFILL_NOTHING && batch->kind != BACKFILL_READINGS) ||
        batch->readings >= batch->readings_max || !has_range_for(batch, record->seq) ||
        !encode_reading(batch, record, &place)) {
        return false;
    }
    if (batch->kind == BACKFILL_NOTHING) {
        const struct topic single = {
            .kind = TOPIC_BACKFILL, .bus = place.bus, .message = place.message->name};
        const struct topic several = {.kind = TOPIC_BACKFILL_BATCH};
        make_topic(batch, batch->readings_max > 1 ? several : single);
    }
    batch->kind = BACKFILL_READINGS;
    return add_range(batch, range);
}

/* ---- events and gaps -------------------------------------------------------------------- */

static bool add_event(struct backfill_batch *batch, const struct segment_record *record)
{
    const struct ledger_range range = {record->seq, record->seq};
    struct json_writer w;
    if (batch->kind != BACKFILL_NOTHING) {
        return false;
    }
    json_writer_init(&w, batch->payload, sizeof(batch->payload));
    payload_event_restore(&w, record->ts_us, record->seq, record->text, record->length);
    if (json_writer_finish(&w, &batch->length) < 0) {
        return backfill_batch_add_gap(batch, range, SEGMENT_VOID_CORRUPT);
    }
    make_topic(batch, (struct topic){.kind = TOPIC_BACKFILL_EVENT});
    batch->kind = BACKFILL_EVENT;
    return add_range(batch, range);
}

bool backfill_batch_add_gap(struct backfill_batch *batch, struct ledger_range gap,
                            enum segment_void reason)
{
    if (batch->kind != BACKFILL_NOTHING &&
        (batch->kind != BACKFILL_GAP || batch->reason != reason)) {
        return false;
    }
    struct ledger *ledger = frame_log_ledger(batch->log);
    struct ledger_range missing;
    uint64_t from = gap.first;
    while (from <= gap.last && ledger_next_missing(ledger, from, &missing) &&
           missing.first <= gap.last) {
        missing.last = missing.last < gap.last ? missing.last : gap.last;
        if (!add_range(batch, missing)) {
            return true; /* the rest stays missing, and comes again */
        }
        batch->kind = BACKFILL_GAP;
        batch->reason = reason;
        from = missing.last + 1;
    }
    return true;
}

static void write_gap(struct backfill_batch *batch)
{
    struct json_writer w;
    json_writer_init(&w, batch->payload, sizeof(batch->payload));
    payload_gap_begin(&w);
    for (size_t i = 0; i < batch->range_count; i++) {
        payload_gap_range(&w, batch->ranges[i].first, batch->ranges[i].last);
    }
    payload_gap_end(&w, gap_reason(batch->reason));
    if (json_writer_finish(&w, &batch->length) < 0) {
        batch->length = 0; /* cannot be: 64 ranges fit */
    }
    make_topic(batch, (struct topic){.kind = TOPIC_BACKFILL_GAP});
}

/* ---- summaries -------------------------------------------------------------------------- */

bool backfill_batch_add_summary(struct backfill_batch *batch, const struct store_summary *summary)
{
    const struct payload_summary head = {
        .from_us = summary->from_us,
        .to_us = summary->to_us + 1, /* excluded there */
        .first_seq = summary->first_seq,
        .last_seq = summary->last_seq,
        .count = summary->count,
    };
    struct json_writer w;
    json_writer_init(&w, batch->payload, sizeof(batch->payload));
    payload_summary_begin(&w, &head);
    for (size_t i = 0; i < summary->signal_count; i++) {
        const struct bucket *bucket = &summary->signals[i].bucket;
        const struct payload_summary_signal signal = {
            summary->signals[i].name, bucket->min, bucket->max, bucket_mean(bucket), bucket->last};
        if (isfinite(signal.mean)) { /* there are values, and not such that their sum overflows */
            payload_summary_signal(&w, &signal);
        }
    }
    payload_summary_end(&w);
    if (json_writer_finish(&w, &batch->length) < 0) {
        return false;
    }
    make_topic(batch, (struct topic){.kind = TOPIC_BACKFILL_SUMMARY,
                                     .bus = summary->bus,
                                     .message = summary->message});
    batch->kind = BACKFILL_SUMMARY;
    return true;
}

/* ---- all kinds -------------------------------------------------------------------------- */

bool backfill_batch_add(struct backfill_batch *batch, const struct segment_record *record)
{
    return record->kind == SEGMENT_EVENT ? add_event(batch, record) : add_frame(batch, record);
}

enum backfill_kind backfill_batch_kind(const struct backfill_batch *batch)
{
    return batch->kind;
}

enum segment_void backfill_batch_reason(const struct backfill_batch *batch)
{
    return batch->reason;
}

uint64_t backfill_batch_count(const struct backfill_batch *batch)
{
    return batch->count;
}

size_t backfill_batch_ranges(const struct backfill_batch *batch,
                             struct ledger_range ranges[BACKFILL_RANGES_MAX])
{
    memcpy(ranges, batch->ranges, batch->range_count * sizeof(*ranges));
    return batch->range_count;
}

struct mqtt_publish backfill_batch_finish(struct backfill_batch *batch)
{
    struct mqtt_publish publish = {.topic = batch->topic, .payload = batch->payload, .qos = 1};
    if (batch->kind == BACKFILL_GAP) {
        write_gap(batch);
    }
    publish.length = batch->length;
    if (batch->kind == BACKFILL_READINGS && batch->readings_max > 1) {
        batch->payload[batch->length] = ']'; /* its place was kept */
        publish.length++;
    } else if (batch->kind == BACKFILL_READINGS) {
        publish.payload = batch->payload + 1; /* one reading needs no array */
        publish.length--;
    }
    return publish;
}
