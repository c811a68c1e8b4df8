#include "edge-gateway/app/frame_log.h"

#include "common/log.h"
#include "common/mqtt_link.h"
#include "edge-gateway/app/configuration.h"
#include "edge-gateway/app/fences.h"
#include "edge-gateway/app/log_buses.h"
#include "topics/payload_backfill.h"
#include "topics/topic.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CURSOR_INTERVAL_US US_PER_S
#define ACK_TIMEOUTS_MAX   8 /* how much longer than configured silent sinks are waited for */
#define UNSAFE_INTERVAL_US (80 * US_PER_MS)
#define RUNS_EXTRA         16384 /* of the ledger, beyond what the live lane can make of it */

/* What the store borrows of one configuration. */
struct log_setup {
    struct configuration *configuration; /* NULL: it is borrowed for good */
    struct store_bus *buses;
    const char **memo_names; /* the ids of the alarms, then the fences */
};

struct frame_log {
    const struct gateway_plan *plan;
    struct environment env;
    struct frame_log_handler handler;
    char *path;            /* of the database */
    char *crash_directory; /* NULL: none */
    struct store *store;
    struct log_setup *setup;
    struct ledger *ledger;
    size_t runs_max;
    uint64_t acknowledged; /* seqs, as in struct frame_log_stats */
    uint64_t dropped[SEGMENT_VOID_COUNT];
    uint64_t *sinks;     /* what each has acknowledged; as in the configuration */
    uint64_t sinks_seen; /* acknowledged() when it last moved */
    int64_t sinks_moved_us;
    int64_t sinks_patience_us; /* with them; grows while they are silent */
    struct timer timer;
    uint64_t sink_messages;
    uint64_t sink_refused;
};

static bool has_sinks(const struct frame_log *log)
{
    return log->plan->config->backfill.ack == STORE_ACK_SINK;
}

static void changed(struct frame_log *log)
{
    log->handler.changed(log->handler.context);
}

/* From the moment on at which the store gives out seqs. */
static int begin(struct frame_log *log)
{
    struct store_position at = store_opened_at(log->store);
    const struct ledger_options options = {
        .mode = has_sinks(log) ? LEDGER_SINK : LEDGER_BROKER,
        .runs_max = log->runs_max,
        .acknowledged = at.acknowledged,
        .newest = at.newest,
    };
    for (size_t i = 0; i < log->plan->config->backfill.sink_count; i++) {
        log->sinks[i] = at.acknowledged;
    }
    return ledger_new(&options, &log->ledger);
}

static void on_committed(void *context, uint64_t seq)
{
    log_debug("log", "committed seq %" PRIu64, seq);
    changed(context);
}

static void on_fetched(void *context, const struct store_fetched *fetched)
{
    struct frame_log *log = context;
    log->handler.fetched(log->handler.context, fetched);
}

static void on_notice(void *context, const struct store_notice *notice)
{
    struct frame_log *log = context;
    log->handler.notice(log->handler.context, notice);
}

/*
 * The sinks are silent although they were sent something: it is lost, or they are, or what is
 * between does not keep up; and to that, sending again adds. So it is done half as often each time.
 */
static void watch_sinks(struct frame_log *log, const struct ledger_stats *stats)
{
    int64_t now_us = loop_now_us(log->env.loop);
    int64_t timeout_us = log->plan->config->backfill.ack_timeout_us;
    if (stats->acknowledged != log->sinks_seen) {
        log->sinks_seen = stats->acknowledged;
        log->sinks_moved_us = now_us;
        log->sinks_patience_us = timeout_us;
    } else if (stats->delivered == 0) {
        log->sinks_moved_us = now_us;
    } else if (now_us - log->sinks_moved_us >= log->sinks_patience_us) {
        log->sinks_moved_us = now_us;
        log->sinks_patience_us *= log->sinks_patience_us < ACK_TIMEOUTS_MAX * timeout_us ? 2 : 1;
        log_warning("log",
                    "no acknowledgement from the sinks beyond seq %" PRIu64 ": sending again",
                    stats->acknowledged);
        ledger_rewind(log->ledger);
        changed(log);
    }
}

static void on_timer(void *context)
{
    struct frame_log *log = context;
    loop_timer_after(log->env.loop, &log->timer, CURSOR_INTERVAL_US);
    if (log->ledger == NULL) {
        return;
    }
    struct ledger_stats stats = ledger_stats(log->ledger);
    store_acknowledge(log->store, stats.acknowledged);
    if (has_sinks(log)) {
        watch_sinks(log, &stats);
    }
}

/* systemd says where a service may keep what is to be gone after a boot. */
static const char *crash_directory(const struct store_config *config)
{
    if (strcmp(config->crash_memory, "auto") != 0) {
        return strcmp(config->crash_memory, "none") == 0 ? NULL : config->crash_memory;
    }
    const char *runtime = getenv("RUNTIME_DIRECTORY");
    bool is_one = runtime != NULL && runtime[0] == '/' && strchr(runtime, ':') == NULL;
    return is_one ? runtime : "/dev/shm";
}

/* Between commits, where a crash costs what came since the last one. */
static int64_t unsafe_interval_us(const struct store_config *config)
{
    int64_t interval_us = config->commit_interval_us;
    return interval_us < UNSAFE_INTERVAL_US ? interval_us : UNSAFE_INTERVAL_US;
}

/* How the log has come through the end of the run before, and will through that of this one. */
static void tell_safety(const struct frame_log *log)
{
    const struct store_config *config = &log->plan->config->store;
    struct store_stats stats = store_stats(log->store);
    if (stats.memory_fault < 0 && crash_directory(config) != NULL) {
        log_warning("log",
                    "no memory in %s that would outlive a crash (%s): commits come each "
                    "%" PRId64 " ms instead",
                    crash_directory(config), strerror(-stats.memory_fault),
                    (int64_t)(unsafe_interval_us(config) / US_PER_MS));
    }
    if (stats.recovered > 0) {
        log_info("log",
                 "%" PRIu64 " readings of the run before were still in memory: nothing is lost",
                 stats.recovered);
    }
}

static void free_setup(void *context)
{
    struct log_setup *setup = context;
    if (setup != NULL) {
        log_buses_free(setup->buses);
        free(setup->memo_names);
        configuration_release(setup->configuration);
        free(setup);
    }
}

static int new_setup(const struct gateway_plan *plan, struct configuration *configuration,
                     struct log_setup **ret)
{
    struct log_setup *setup = calloc(1, sizeof(*setup));
    if (setup == NULL) {
        return -ENOMEM;
    }
    setup->configuration = configuration_hold(configuration);
    setup->memo_names = calloc(plan->alarms.count + FENCES_MAX, sizeof(*setup->memo_names));
    int r = setup->memo_names != NULL ? log_buses_new(plan, &setup->buses) : -ENOMEM;
    if (r < 0) {
        free_setup(setup);
        return r;
    }
    for (size_t i = 0; i < plan->alarms.count; i++) {
        setup->memo_names[i] = plan->alarms.specs[i].id;
    }
    for (size_t i = 0; i < FENCES_MAX; i++) {
        setup->memo_names[plan->alarms.count + i] = fences_memo_name(i);
    }
    *ret = setup;
    return 0;
}

static struct store_options options_of(struct frame_log *log, const struct gateway_plan *plan,
                                       const struct log_setup *setup)
{
    const struct gateway_config *config = plan->config;
    return (struct store_options){
        .loop = log->env.loop,
        .path = log->path,
        .buses = setup->buses,
        .bus_count = config->bus_count,
        .commit_interval_us = config->store.commit_interval_us,
        .crash_directory = log->crash_directory,
        .unsafe_interval_us = unsafe_interval_us(&config->store),
        .memory_bytes = (size_t)config->store.memory_bytes,
        .quota_bytes = (uint64_t)config->store.max_size_bytes,
        .max_age_us = config->store.max_age_us,
        .thinning = {.from_percent = config->store.thin_from_percent,
                     .older_than_us = config->store.thin_older_than_us,
                     .interval_us = config->store.thin_interval_us},
        .ballast_bytes = (uint64_t)config->store.ballast_bytes,
        .memo_names = setup->memo_names,
        .memo_count = plan->alarms.count + FENCES_MAX,
        .trust_clock = config->store.trust_clock,
        .handler = {.committed = on_committed,
                    .fetched = on_fetched,
                    .notice = on_notice,
                    .context = log},
    };
}

static int copy_paths(struct frame_log *log)
{
    const struct store_config *config = &log->plan->config->store;
    const char *directory = crash_directory(config);
    log->path = strdup(config->file);
    log->crash_directory = directory != NULL ? strdup(directory) : NULL;
    return log->path != NULL && (directory == NULL || log->crash_directory != NULL) ? 0 : -ENOMEM;
}

static int open_store(struct frame_log *log, struct configuration *configuration)
{
    log->sinks = calloc(log->plan->config->backfill.sink_count + 1, sizeof(*log->sinks));
    log->sinks_moved_us = loop_now_us(log->env.loop);
    log->sinks_patience_us = log->plan->config->backfill.ack_timeout_us;
    int r = log->sinks != NULL ? copy_paths(log) : -ENOMEM;
    if (r == 0) {
        r = new_setup(log->plan, configuration, &log->setup);
    }
    if (r < 0) {
        return r;
    }
    const struct store_options options = options_of(log, log->plan, log->setup);
    return store_new(&options, &log->store);
}

int frame_log_new(const struct gateway_plan *plan, struct configuration *configuration,
                  const struct environment *environment, size_t live_max,
                  const struct frame_log_handler *handler, struct frame_log **ret)
{
    struct frame_log *log = calloc(1, sizeof(*log));
    if (log == NULL) {
        return -ENOMEM;
    }
    log->plan = plan;
    log->env = *environment;
    log->handler = *handler;
    log->runs_max = 2 * live_max + RUNS_EXTRA;
    log->timer = (struct timer){.fn = on_timer, .context = log};
    int r = open_store(log, configuration);
    if (r == 0) {
        tell_safety(log);
    }
    if (r == 0 && store_stats(log->store).open) {
        r = begin(log);
    }
    if (r < 0) {
        frame_log_free(log);
        return r;
    }
    loop_timer_after(log->env.loop, &log->timer, CURSOR_INTERVAL_US);
    *ret = log;
    return 0;
}

void frame_log_free(struct frame_log *log)
{
    if (log == NULL) {
        return;
    }
    loop_timer_cancel(log->env.loop, &log->timer);
    if (log->ledger != NULL) {
        store_acknowledge(log->store, ledger_stats(log->ledger).acknowledged);
    }
    store_free(log->store);
    ledger_free(log->ledger);
    free_setup(log->setup);
    free(log->sinks);
    free(log->path);
    free(log->crash_directory);
    free(log);
}

/* The database may have been opened only now. */
static bool has_begun(struct frame_log *log)
{
    if (log->ledger == NULL && begin(log) == 0) {
        log->handler.begun(log->handler.context);
    }
    return log->ledger != NULL;
}

static uint64_t follow(struct frame_log *log, uint64_t seq, bool shows_seq)
{
    if (seq == 0 || !has_begun(log)) {
        return 0;
    }
    bool stamp_changes = !store_clock_is_set(log->store); /* a seq has one content */
    if ((!shows_seq && has_sinks(log)) || stamp_changes) {
        ledger_missed(log->ledger, seq);
        return 0;
    }
    ledger_live(log->ledger, seq);
    return seq;
}

uint64_t frame_log_append(struct frame_log *log, const struct frame *frame, bool shows_seq)
{
    return follow(log, store_append_frame(log->store, frame), shows_seq);
}

uint64_t frame_log_append_event(struct frame_log *log, int64_t ts_us, const char *text,
                                size_t length)
{
    return follow(log, store_append_event(log->store, ts_us, text, length), true);
}

/* So that a gateway which is killed within the second does not send it all again. */
static void note_cursor(struct frame_log *log)
{
    store_note_acknowledged(log->store, ledger_stats(log->ledger).acknowledged);
}

void frame_log_settle(struct frame_log *log, struct ledger_range range, enum frame_log_fate fate,
                      enum segment_void reason)
{
    uint64_t settled = ledger_settle(log->ledger, range, fate != FRAME_LOG_MISSED);
    note_cursor(log);
    switch (fate) {
    case FRAME_LOG_DELIVERED:
        log->acknowledged += settled;
        break;
    case FRAME_LOG_DROPPED:
        log->dropped[reason] += settled;
        break;
    case FRAME_LOG_MISSED:
        break;
    }
}

bool frame_log_position(const struct frame_log *log, struct store_position *ret)
{
    if (log->ledger == NULL) {
        return false;
    }
    struct ledger_stats stats = ledger_stats(log->ledger);
    *ret = (struct store_position){.acknowledged = stats.acknowledged,
                                   .newest = stats.newest,
                                   .log_id = store_opened_at(log->store).log_id};
    return true;
}

void frame_log_on_up(struct frame_log *log)
{
    if (log->ledger != NULL && has_sinks(log)) {
        ledger_rewind(log->ledger);
    }
    changed(log);
}

int frame_log_subscribe(struct frame_log *log, struct mqtt_link *link)
{
    char filter[TOPIC_MAX_BYTES + 1];
    const struct topic topic = {.kind = TOPIC_ACK, .site = log->env.site, .node = log->env.node};
    if (!has_sinks(log)) {
        return 0;
    }
    int r = topic_filter_format(log->env.prefix, &topic, filter, sizeof(filter));
    if (r < 0) {
        return r;
    }
    const struct mqtt_subscription subscription = {.filter = filter, .qos = 1};
    return mqtt_link_subscribe(link, &subscription);
}

static uint64_t pending_of(const struct ledger_stats *stats)
{
    return stats->live + stats->missing + stats->sending;
}

static int find_sink(const struct frame_log *log, const char *name)
{
    for (size_t i = 0; i < log->plan->config->backfill.sink_count; i++) {
        if (strcmp(log->plan->config->backfill.sinks[i], name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static uint64_t slowest_sink(const struct frame_log *log)
{
    uint64_t lowest = UINT64_MAX;
    for (size_t i = 0; i < log->plan->config->backfill.sink_count; i++) {
        lowest = log->sinks[i] < lowest ? log->sinks[i] : lowest;
    }
    return lowest;
}

/* NULL: it may be believed. */
static const char *why_not(const struct frame_log *log, const struct mqtt_received *message,
                           const char *name)
{
    if (message->retain) {
        return "it is retained";
    }
    if (find_sink(log, name) < 0) {
        return "no such sink is configured";
    }
    return log->ledger == NULL ? "there is no log" : NULL;
}

/* The numbers of another log, which was here before this one, say nothing about it. */
static bool is_credible(const struct frame_log *log, const struct payload_ack *ack,
                        const char *name)
{
    if (ack->log_id != 0 && ack->log_id != store_opened_at(log->store).log_id) {
        log_warning("log", "sink %s acknowledges seq %" PRIu64 " of another log than this one",
                    name, ack->seq);
        return false;
    }
    if (ack->seq > ledger_stats(log->ledger).newest) {
        log_warning("log", "sink %s acknowledges seq %" PRIu64 ", which was never sent", name,
                    ack->seq);
        return false;
    }
    return true;
}

/* What every sink has counts as acknowledged. */
static bool follow_sinks(struct frame_log *log)
{
    struct ledger_stats before = ledger_stats(log->ledger);
    bool taken = ledger_sink(log->ledger, slowest_sink(log));
    note_cursor(log);
    struct ledger_stats after = ledger_stats(log->ledger);
    log->acknowledged +=
        pending_of(&before) + after.repeated - before.repeated - pending_of(&after);
    return taken;
}

static bool take_ack(struct frame_log *log, const struct mqtt_received *message, const char *name)
{
    struct payload_ack ack;
    struct payload_error error;
    const char *refused = why_not(log, message, name);
    if (refused == NULL &&
        payload_ack_decode(message->payload, message->length, &ack, &error) < 0) {
        refused = error.text;
    }
    if (refused != NULL) {
        log_warning("log", "acknowledgement of sink %s refused: %s", name, refused);
        return false;
    }
    if (!is_credible(log, &ack, name)) {
        return false;
    }
    uint64_t *sink = &log->sinks[find_sink(log, name)];
    *sink = ack.seq > *sink ? ack.seq : *sink;
    return follow_sinks(log);
}

bool frame_log_on_message(struct frame_log *log, const struct mqtt_received *message)
{
    struct topic_parsed topic;
    if (topic_parse(log->env.prefix, message->topic, &topic) < 0 || topic.kind != TOPIC_ACK ||
        strcmp(topic.node, log->env.node) != 0 || strcmp(topic.site, log->env.site) != 0) {
        return false;
    }
    log->sink_messages++;
    if (!take_ack(log, message, topic.id)) {
        log->sink_refused++;
    }
    return true;
}

struct ledger *frame_log_ledger(struct frame_log *log)
{
    return log->ledger;
}

struct store *frame_log_store(struct frame_log *log)
{
    return log->store;
}

struct frame_log_stats frame_log_stats(const struct frame_log *log)
{
    struct frame_log_stats stats = {.store = store_stats(log->store),
                                    .sink_messages = log->sink_messages,
                                    .sink_refused = log->sink_refused};
    if (log->ledger != NULL) {
        stats.ledger = ledger_stats(log->ledger);
        stats.assured = stats.ledger.newest - store_opened_at(log->store).acknowledged;
        stats.repeated = stats.ledger.repeated;
        stats.acknowledged = log->acknowledged;
        stats.pending = pending_of(&stats.ledger);
        memcpy(stats.dropped, log->dropped, sizeof(stats.dropped));
    }
    return stats;
}

/* ---- another configuration -------------------------------------------------------------- */

struct frame_log_change {
    const struct gateway_plan *plan;
    struct log_setup *setup;
    struct store_setup *store;
    uint64_t *sinks;
};

/* A sink that is new has nothing to catch up with but what is not acknowledged yet. */
static void carry_sinks(const struct frame_log *log, const struct gateway_plan *plan,
                        uint64_t *sinks)
{
    const struct backfill_config *config = &plan->config->backfill;
    for (size_t i = 0; i < config->sink_count; i++) {
        int before = find_sink(log, config->sinks[i]);
        uint64_t acknowledged = log->ledger != NULL ? ledger_stats(log->ledger).acknowledged : 0;
        sinks[i] = before >= 0 ? log->sinks[before] : acknowledged;
    }
}

int frame_log_prepare(struct frame_log *log, const struct gateway_plan *plan,
                      struct configuration *configuration, struct frame_log_change **ret)
{
    struct frame_log_change *change = calloc(1, sizeof(*change));
    if (change == NULL) {
        return -ENOMEM;
    }
    change->plan = plan;
    change->sinks = calloc(plan->config->backfill.sink_count + 1, sizeof(*change->sinks));
    int r = change->sinks != NULL ? new_setup(plan, configuration, &change->setup) : -ENOMEM;
    if (r == 0) {
        const struct store_options options = options_of(log, plan, change->setup);
        r = store_prepare_change(log->store, &options, &change->store);
    }
    if (r < 0) {
        frame_log_drop_change(change);
        return r;
    }
    *ret = change;
    return 0;
}

void frame_log_drop_change(struct frame_log_change *change)
{
    if (change != NULL) {
        store_drop_change(change->store);
        free_setup(change->setup);
        free(change->sinks);
        free(change);
    }
}

void frame_log_change(struct frame_log *log, struct frame_log_change *take)
{
    carry_sinks(log, take->plan, take->sinks);
    store_change(log->store, take->store, free_setup, log->setup);
    log->setup = take->setup;
    log->plan = take->plan;
    free(log->sinks);
    log->sinks = take->sinks;
    log->sinks_patience_us = log->plan->config->backfill.ack_timeout_us;
    free(take);
    if (has_sinks(log) && log->ledger != NULL) { /* one that is gone may have been the slowest */
        (void)follow_sinks(log);
    }
}
