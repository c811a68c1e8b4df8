#include "automation-node/engine/event_rule_archive.h"

#include "automation-node/engine/event_rule_impl.h"

static void archive_watch(struct watch *watch, struct archive *a)
{
    if (watch->condition != NULL) {
        archive_flag(a, "known", &watch->known);
        archive_flag(a, "was", &watch->was);
        expression_archive(watch->condition, watch->slots, a);
    }
}

static void archive_stats(struct event_rule_stats *stats, struct archive *a)
{
    archive_u64(a, "triggers", &stats->triggers);
    archive_u64(a, "runs", &stats->runs);
    archive_u64(a, "dropped", &stats->dropped);
    archive_u64(a, "prevented", &stats->prevented);
}

static bool is_run(const struct place *place)
{
    return place->state == PLACE_WAITING || place->state == PLACE_ACTIVE;
}

static void archive_run(struct event_rule *rule, struct place *place, struct archive *a)
{
    archive_u64(a, "order", &place->order);
    run_archive(&place->run, &rule->script, a);
}

static void archive_runs(struct event_rule *rule, struct archive *a)
{
    for (size_t i = 0; i < rule->place_count; i++) {
        struct place *place = &rule->places[i];
        if (a->mode == ARCHIVE_SAVE && !is_run(place)) {
            continue;
        }
        size_t mark = archive_enter(a, "run", i);
        place->state =
            (enum place_state)archive_choice(a, "state", (int)place->state, PLACE_ACTIVE + 1);
        if (is_run(place)) {
            archive_run(rule, place, a);
        }
        archive_leave(a, mark);
    }
}

/* The counters hold what event_rule.h says, whatever was loaded. */
static void check_loaded(struct event_rule *rule)
{
    if (!rule->enabled) {
        event_rule_stop_all(rule, PLACE_ACTIVE);
        event_rule_stop_all(rule, PLACE_WAITING);
    }
    struct event_rule_stats *stats = &rule->stats;
    stats->triggers = stats->runs + stats->dropped + stats->prevented +
                      event_rule_count_places(rule, PLACE_WAITING);
}

void event_rule_archive(struct event_rule *rule, struct archive *a)
{
    archive_flag(a, "enabled", &rule->enabled);
    cause_archive(&rule->cause, a);
    archive_time(a, "last_run_at", &rule->last_run_us);
    archive_stats(&rule->stats, a);
    for (size_t i = 0; i < rule->watch_count; i++) {
        size_t mark = archive_enter(a, "when", i);
        archive_watch(&rule->watches[i], a);
        archive_leave(a, mark);
    }
    size_t mark = archive_enter(a, "if", 0);
    archive_watch(&rule->condition, a);
    archive_leave(a, mark);
    timetable_archive(rule->times, a);
    archive_runs(rule, a);
    if (a->mode == ARCHIVE_LOAD) {
        check_loaded(rule);
    }
}

static uint64_t watch_digest(const struct watch *watch)
{
    uint64_t flags = (watch->known ? 2u : 0u) + (watch->was ? 1u : 0u);
    return watch->condition != NULL
               ? flags ^ (expression_slots_digest(watch->condition, watch->slots) << 2)
               : 0;
}

uint64_t event_rule_digest(const struct event_rule *rule)
{
    uint64_t digest = watch_digest(&rule->condition);
    for (size_t i = 0; i < rule->watch_count; i++) {
        digest = digest * UINT64_C(1099511628211) + watch_digest(&rule->watches[i]);
    }
    for (size_t i = 0; i < rule->place_count; i++) {
        const struct place *place = &rule->places[i];
        uint64_t progress = is_run(place) ? (place->run.traced << 2) + (uint64_t)place->state : 0;
        digest = digest * UINT64_C(1099511628211) + progress;
    }
    return digest;
}
