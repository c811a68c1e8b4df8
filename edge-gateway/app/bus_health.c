#include "edge-gateway/app/bus_health.h"

#include "edge-gateway/alarm/bus_traffic.h"
#include "topics/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_US       US_PER_S
#define ID_TEXT_BYTES 9

struct bus_health {
    struct loop *loop;
    const struct bus_plan *plan;
    struct alarms *alarms;
    const size_t *troubles; /* the alarm of each */
    const struct bus *bus;
    struct bus_traffic *traffic;
    struct timer timer;
    enum bus_state state;
    int64_t since_us;        /* wall clock; 0 = no state was told yet */
    uint64_t kernel_dropped; /* as of the last look */
    uint64_t unknown;
    struct bus_traffic_look look;
    char id_texts[BUS_TRAFFIC_SHOWN][ID_TEXT_BYTES];
    const char *ids[BUS_TRAFFIC_SHOWN];
    const char *silent[BUS_TRAFFIC_SHOWN];
};

static size_t shown(size_t count)
{
    return count < BUS_TRAFFIC_SHOWN ? count : BUS_TRAFFIC_SHOWN;
}

/* "1A0, 1A1 and 3 more"; what does not fit is among the others. */
static void list(const char *const *names, size_t count, char *text, size_t size)
{
    const size_t rest = sizeof(" and 18446744073709551615 more");
    size_t at = 0;
    size_t listed = 0;
    while (listed < shown(count)) {
        int length = snprintf(text + at, size - at, "%s%s", listed > 0 ? ", " : "", names[listed]);
        if ((size_t)length + rest > size - at) {
            break;
        }
        at += (size_t)length;
        listed++;
    }
    text[at] = '\0';
    if (listed < count) {
        (void)snprintf(text + at, size - at, " and %zu more", count - listed);
    }
}

static void name_all(struct bus_health *h)
{
    for (size_t i = 0; i < shown(h->look.silent_count); i++) {
        h->silent[i] = h->plan->messages[h->look.silent[i]].message->name;
    }
    for (size_t i = 0; i < shown(h->look.unknown_id_count); i++) {
        uint32_t id = h->look.unknown_ids[i];
        bool is_extended = (id & BUS_TRAFFIC_ID_EXTENDED) != 0;
        (void)snprintf(h->id_texts[i], ID_TEXT_BYTES, is_extended ? "%08" PRIX32 : "%03" PRIX32,
                       id & ~BUS_TRAFFIC_ID_EXTENDED);
        h->ids[i] = h->id_texts[i];
    }
}

static void tell(struct bus_health *h, enum bus_trouble trouble, bool is_wrong, const char *detail)
{
    alarms_tell(h->alarms, h->troubles[trouble], is_wrong, detail);
}

static void look_at_silence(struct bus_health *h)
{
    char text[PAYLOAD_TEXT_MAX_BYTES + 1];
    size_t alarm = h->troubles[BUS_TROUBLE_SILENT];
    if (h->look.silent_count == 0) {
        alarms_tell(h->alarms, alarm, false, NULL);
        return;
    }
    int length = snprintf(text, sizeof(text), "messages come no more: ");
    list(h->silent, h->look.silent_count, text + length, sizeof(text) - (size_t)length);
    if (h->look.has_new_silent) {
        alarms_tell_again(h->alarms, alarm, text);
    } else {
        alarms_tell(h->alarms, alarm, true, text);
    }
}

static void look_at_ids(struct bus_health *h)
{
    char text[PAYLOAD_TEXT_MAX_BYTES + 1];
    if (h->look.new_id_count == 0) {
        tell(h, BUS_TROUBLE_UNKNOWN_IDS, false, NULL);
        return;
    }
    int length = snprintf(text, sizeof(text), "no DBC file names ");
    list(h->ids, h->look.new_id_count, text + length, sizeof(text) - (size_t)length);
    tell(h, BUS_TROUBLE_UNKNOWN_IDS, true, text);
}

static void look_at_losses(struct bus_health *h, const struct bus_stats *stats)
{
    char text[PAYLOAD_TEXT_MAX_BYTES + 1];
    uint64_t lost = stats->kernel_dropped - h->kernel_dropped;
    h->kernel_dropped = stats->kernel_dropped;
    (void)snprintf(text, sizeof(text), "%" PRIu64 " frames were lost, %" PRIu64 " in all", lost,
                   stats->kernel_dropped);
    tell(h, BUS_TROUBLE_LOST_FRAMES, lost > 0, lost > 0 ? text : NULL);
}

static void on_look(void *context)
{
    struct bus_health *h = context;
    struct bus_stats stats;
    bus_stats(h->bus, &stats);
    const struct bus_rates rates = {
        .bitrate = stats.bitrate > 0 ? stats.bitrate : (uint32_t)h->plan->config->bitrate,
        .data_bitrate = stats.data_bitrate,
    };
    loop_timer_after(h->loop, &h->timer, LOOK_US);
    bus_traffic_look(h->traffic, &rates, loop_now_us(h->loop), &h->look);
    name_all(h);
    look_at_silence(h);
    look_at_ids(h);
    look_at_losses(h, &stats);
}

void bus_health_on_frame(struct bus_health *health, const struct frame *frame,
                         const struct dbc_message *message)
{
    size_t index = message != NULL ? message->index : BUS_TRAFFIC_UNKNOWN;
    health->unknown += message == NULL;
    bus_traffic_frame(health->traffic, index, frame, loop_now_us(health->loop));
}

void bus_health_on_state(struct bus_health *health, const struct bus_status *status)
{
    static const struct {
        enum bus_state state;
        enum bus_trouble trouble;
    } troubles[] = {
        {BUS_STATE_DOWN, BUS_TROUBLE_DOWN},
        {BUS_STATE_NO_TRAFFIC, BUS_TROUBLE_NO_TRAFFIC},
        {BUS_STATE_ERROR_WARNING, BUS_TROUBLE_ERROR_WARNING},
        {BUS_STATE_ERROR_PASSIVE, BUS_TROUBLE_ERROR_PASSIVE},
        {BUS_STATE_BUS_OFF, BUS_TROUBLE_BUS_OFF},
    };
    health->state = status->state;
    health->since_us = loop_realtime_us(health->loop);
    if (status->state == BUS_STATE_DOWN || status->state == BUS_STATE_BUS_OFF) {
        bus_traffic_pause(health->traffic);
    }
    for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
        bool is_it = status->state == troubles[i].state && !status->finished;
        tell(health, troubles[i].trouble, is_it, is_it ? status->reason : NULL);
    }
}

static enum payload_bus_word word_of(enum bus_state state)
{
    static const enum payload_bus_word words[] = {
        [BUS_STATE_DOWN] = PAYLOAD_BUS_DOWN,
        [BUS_STATE_UP] = PAYLOAD_BUS_UP,
        [BUS_STATE_NO_TRAFFIC] = PAYLOAD_BUS_NO_TRAFFIC,
        [BUS_STATE_ERROR_WARNING] = PAYLOAD_BUS_ERROR_WARNING,
        [BUS_STATE_ERROR_PASSIVE] = PAYLOAD_BUS_ERROR_PASSIVE,
        [BUS_STATE_BUS_OFF] = PAYLOAD_BUS_OFF,
    };
    _Static_assert(sizeof(words) / sizeof(words[0]) == BUS_STATE_COUNT, "a word for each state");
    return words[state];
}

void bus_health_describe(const struct bus_health *health, struct payload_bus_state *ret)
{
    const struct bus_traffic_look *look = &health->look;
    struct bus_stats stats;
    bus_stats(health->bus, &stats);
    uint64_t error_frames = 0;
    for (int i = 0; i < BUS_ERROR_CLASS_COUNT; i++) {
        error_frames += stats.error_frames[i];
    }
    *ret = (struct payload_bus_state){
        .state = word_of(health->state),
        .since_us = health->since_us,
        .load_permille = look->load_permille,
        .tx_errors = stats.tx_errors,
        .rx_errors = stats.rx_errors,
        .error_frames = (int64_t)error_frames,
        .bus_offs = (int64_t)stats.error_frames[BUS_ERROR_BUS_OFF],
        .kernel_dropped = (int64_t)stats.kernel_dropped,
        .frames_per_s = (double)(int64_t)(look->frames_per_s * 10 + 0.5) / 10,
        .unknown = (int64_t)health->unknown,
        .unknown_ids = {health->ids, shown(look->unknown_id_count)},
        .unknown_id_count = (int64_t)look->unknown_id_count,
        .silent = {health->silent, shown(look->silent_count)},
        .silent_count = (int64_t)look->silent_count,
    };
}

static int new_traffic(struct bus_health *h)
{
    int64_t *silent_after_us = calloc(h->plan->message_count + 1, sizeof(*silent_after_us));
    if (silent_after_us == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < h->plan->message_count; i++) {
        silent_after_us[i] = h->plan->messages[i].silent_after_us;
    }
    const struct bus_traffic_options options = {
        .message_count = h->plan->message_count,
        .silent_after_us = silent_after_us,
        .settle_us = h->plan->config->learn_ids_us,
    };
    int r = bus_traffic_new(&options, &h->traffic);
    free(silent_after_us);
    return r;
}

int bus_health_new(const struct bus_health_options *options, struct bus_health **ret)
{
    struct bus_health *h = calloc(1, sizeof(*h));
    if (h == NULL) {
        return -ENOMEM;
    }
    h->loop = options->loop;
    h->plan = &options->plan->buses[options->index];
    h->alarms = options->alarms;
    h->troubles = options->plan->alarms.troubles[options->index];
    h->timer = (struct timer){.fn = on_look, .context = h};
    h->look.load_permille = -1;
    int r = new_traffic(h);
    if (r < 0) {
        free(h);
        return r;
    }
    *ret = h;
    return 0;
}

void bus_health_free(struct bus_health *health)
{
    if (health != NULL) {
        loop_timer_cancel(health->loop, &health->timer);
        bus_traffic_free(health->traffic);
        free(health);
    }
}

/* By message, where `from` has the same one. True: it has no others. */
static bool find_places(const struct bus_health *h, const struct bus_health *from, size_t *places)
{
    bool is_same = h->plan->message_count == from->plan->message_count &&
                   h->plan->config->learn_ids_us == from->plan->config->learn_ids_us;
    for (size_t i = 0; i < h->plan->message_count; i++) {
        const struct dbc_message *message = h->plan->messages[i].message;
        const struct dbc_message *other =
            dbc_find_by_id(from->plan->database, message->can_id, message->extended);
        bool is_there = other != NULL && other->can_id == message->can_id &&
                        strcmp(other->name, message->name) == 0;
        places[i] = is_there ? other->index : BUS_TRAFFIC_UNKNOWN;
        is_same = is_same && is_there;
    }
    return is_same;
}

int bus_health_adopt(struct bus_health *health, const struct bus_health *from)
{
    struct bus_health *h = health;
    size_t *places = calloc(h->plan->message_count + 1, sizeof(*places));
    if (places == NULL) {
        return -ENOMEM;
    }
    bool is_same = find_places(h, from, places);
    bus_traffic_adopt(h->traffic, from->traffic, places, is_same);
    free(places);
    h->state = from->state;
    h->since_us = from->since_us;
    h->kernel_dropped = from->kernel_dropped;
    h->unknown = from->unknown;
    h->look.frames_per_s = from->look.frames_per_s;
    h->look.load_permille = from->look.load_permille;
    return 0;
}

void bus_health_start(struct bus_health *health, const struct bus *bus)
{
    health->bus = bus;
    loop_timer_after(health->loop, &health->timer, LOOK_US);
}
