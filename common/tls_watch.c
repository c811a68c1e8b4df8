#include "common/tls_watch.h"

#include "common/log.h"
#include "common/offload.h"
#include "common/tls_files.h"

#include <errno.h>
#include <stdlib.h>

#define LOOK_EVERY_US (3600 * US_PER_S)
#define DAY_S         (24 * 3600)
#define SOON_S        (30 * DAY_S)
#define FAULT_BYTES   1024

/* One look: the thread's until it is done. */
struct look {
    struct tls_watch *watch; /* not touched by the thread */
    struct tls_config *tls;
    struct tls_ends ends;
};

struct tls_watch {
    struct loop *loop;
    struct tls_config *tls;
    struct timer timer;
    struct offload *offload; /* NULL: nobody looks */
    struct tls_ends ends;
    struct tls_reminder reminder;
};

bool tls_reminder_is_due(struct tls_reminder *reminder, enum tls_subject subject, int64_t until_s,
                         int64_t wall_s, int64_t now_us)
{
    int64_t *told_us = &reminder->told_us[subject];
    if (until_s == 0 || until_s - wall_s >= SOON_S) {
        *told_us = 0;
        return false;
    }
    if (*told_us != 0 && now_us - *told_us < DAY_S * US_PER_S) {
        return false;
    }
    *told_us = now_us > 0 ? now_us : 1;
    return true;
}

/* ---- in the thread ----------------------------------------------------------------------- */

static void free_look(void *context)
{
    struct look *look = context;
    tls_config_free(look->tls);
    free(look);
}

/* 0, or -errno: they are being renewed, or are unusable, which the next connection tells. */
static int read_files(void *context)
{
    struct look *look = context;
    struct buf fault;
    SSL_CTX *files = tls_context_new(look->tls->min_version);
    int r = files != NULL ? 0 : -ENOMEM;
    buf_init(&fault, FAULT_BYTES);
    for (enum tls_part part = TLS_PART_CA; r == 0 && part < TLS_PART_COUNT; part++) {
        r = tls_files_load(files, look->tls, part, &fault);
    }
    if (r == 0) {
        const X509 *own = SSL_CTX_get0_certificate(files);
        look->ends.until_s[TLS_SUBJECT_OWN] = tls_dates_of(own).until_s;
        if (look->tls->ca != NULL) { /* the system's store is the system's business */
            look->ends.until_s[TLS_SUBJECT_CA] = tls_dates_of_ca(files).until_s;
        }
    }
    buf_deinit(&fault);
    SSL_CTX_free(files);
    return r;
}

/* ---- in the loop ------------------------------------------------------------------------- */

static void remind(struct tls_watch *watch, enum tls_subject subject, const char *what,
                   const char *todo)
{
    int64_t until_s = watch->ends.until_s[subject];
    int64_t wall_s = loop_realtime_us(watch->loop) / US_PER_S;
    char date[TLS_DATE_SIZE];
    if (!tls_reminder_is_due(&watch->reminder, subject, until_s, wall_s,
                             loop_now_us(watch->loop))) {
        return;
    }
    (void)tls_date_text(until_s, date);
    if (until_s <= wall_s) {
        log_warning("tls", "%s expired on %s: %s", what, date, todo);
    } else {
        log_warning("tls", "%s expires on %s, in %d days: %s", what, date,
                    (int)((until_s - wall_s) / DAY_S), todo);
    }
}

static void remind_of_all(struct tls_watch *watch)
{
    const struct tls_config *tls = watch->tls;
    remind(watch, TLS_SUBJECT_OWN, tls->certificate, "renew it, the next connection takes it");
    remind(watch, TLS_SUBJECT_CA, tls->ca, "renew the CA, then what it has signed");
    remind(watch, TLS_SUBJECT_BROKER, "the broker's certificate",
           "it has to be renewed at the broker");
}

static void on_read(void *context, int result)
{
    struct look *look = context;
    struct tls_watch *watch = look->watch;
    watch->offload = NULL;
    if (result == 0) {
        look->ends.until_s[TLS_SUBJECT_BROKER] = watch->ends.until_s[TLS_SUBJECT_BROKER];
        watch->ends = look->ends;
    }
    free_look(look);
    remind_of_all(watch);
}

static int start_look(struct tls_watch *watch)
{
    struct look *look = calloc(1, sizeof(*look));
    if (look == NULL) {
        return -ENOMEM;
    }
    look->watch = watch;
    look->tls = tls_config_copy(watch->tls);
    const struct offload_call call = {read_files, on_read, free_look, look};
    int r = look->tls != NULL ? offload_start(watch->loop, &call, &watch->offload) : -ENOMEM;
    if (r < 0) {
        free_look(look);
    }
    return r;
}

void tls_watch_look(struct tls_watch *watch)
{
    if (watch == NULL) {
        return;
    }
    loop_timer_after(watch->loop, &watch->timer, LOOK_EVERY_US);
    if (watch->offload == NULL && start_look(watch) < 0) {
        log_debug("tls", "the files are not looked at now"); /* but in an hour */
    }
}

static void on_timer(void *context)
{
    tls_watch_look(context);
}

void tls_watch_broker(struct tls_watch *watch, int64_t until_s)
{
    if (watch != NULL) {
        watch->ends.until_s[TLS_SUBJECT_BROKER] = until_s;
        tls_watch_look(watch);
    }
}

int tls_watch_new(struct loop *loop, const struct tls_config *tls, struct tls_watch **ret)
{
    struct tls_watch *watch = calloc(1, sizeof(*watch));
    if (watch == NULL) {
        return -ENOMEM;
    }
    watch->loop = loop;
    watch->timer = (struct timer){.fn = on_timer, .context = watch};
    watch->tls = tls_config_copy(tls);
    if (watch->tls == NULL) {
        free(watch);
        return -ENOMEM;
    }
    *ret = watch;
    return 0;
}

void tls_watch_free(struct tls_watch *watch)
{
    if (watch != NULL) {
        loop_timer_cancel(watch->loop, &watch->timer);
        offload_abandon(watch->offload);
        tls_config_free(watch->tls);
        free(watch);
    }
}

struct tls_ends tls_watch_ends(const struct tls_watch *watch)
{
    return watch != NULL ? watch->ends : (struct tls_ends){.until_s = {0}};
}

void tls_ends_tell(const struct counter_sink *sink, const struct tls_ends *ends, int64_t wall_s)
{
    static const char *const names[TLS_SUBJECT_COUNT] = {
        [TLS_SUBJECT_OWN] = "own_left_s",
        [TLS_SUBJECT_CA] = "ca_left_s",
        [TLS_SUBJECT_BROKER] = "broker_left_s",
    };
    bool begun = false;
    for (size_t i = 0; i < TLS_SUBJECT_COUNT; i++) {
        int64_t left_s = ends->until_s[i] - wall_s;
        if (ends->until_s[i] == 0) {
            continue;
        }
        if (!begun) {
            counters_begin(sink, "tls");
            begun = true;
        }
        gauge_tell(sink, names[i], left_s > 0 ? (uint64_t)left_s : 0);
    }
    if (begun) {
        counters_end(sink);
    }
}
