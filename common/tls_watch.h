/*
 * Tells in time that certificates end: the ones in the files of `broker.tls`, read in a thread each
 * hour and after each connection, and the broker's, as it was shown last. From 30 days before there
 * is a warning a day; after a renewal there is none.
 */
#ifndef EDGE_COMMON_TLS_WATCH_H
#define EDGE_COMMON_TLS_WATCH_H

#include "common/attributes.h"
#include "common/counters.h"
#include "common/loop.h"
#include "common/tls_config.h"

#include <stdbool.h>
#include <stdint.h>

enum tls_subject {
    TLS_SUBJECT_OWN,
    TLS_SUBJECT_CA,
    TLS_SUBJECT_BROKER
};
#define TLS_SUBJECT_COUNT (TLS_SUBJECT_BROKER + 1)

/* Since 1970; 0 = not known, or there is none. */
struct tls_ends {
    int64_t until_s[TLS_SUBJECT_COUNT];
};

/* ---- what is to be said: pure ------------------------------------------------------------ */

/* {0} at first. */
struct tls_reminder {
    int64_t told_us[TLS_SUBJECT_COUNT]; /* monotonic; 0 = nothing was said */
};

/* Whether that end is near, or past, and was not told within a day: `now_us` is monotonic. */
bool tls_reminder_is_due(struct tls_reminder *reminder, enum tls_subject subject, int64_t until_s,
                         int64_t wall_s, int64_t now_us);

/* ---- looking at files -------------------------------------------------------------------- */

struct tls_watch;

/* `tls` is copied. Nothing happens before tls_watch_look(). 0 or -ENOMEM. */
EDGE_MUST_CHECK int tls_watch_new(struct loop *loop, const struct tls_config *tls,
                                  struct tls_watch **ret);
/* Accepts NULL, as do the two below. */
void tls_watch_free(struct tls_watch *watch);

/* Looks now, and again each hour. */
void tls_watch_look(struct tls_watch *watch);
/* The same, after the broker has shown a certificate that ends then. */
void tls_watch_broker(struct tls_watch *watch, int64_t until_s);

/* How long they are still good, as the files said last. Without a watch there is none. */
struct tls_ends tls_watch_ends(const struct tls_watch *watch);

/* The group "tls", where anything is known: seconds left, 0 for what has ended. */
void tls_ends_tell(const struct counter_sink *sink, const struct tls_ends *ends, int64_t wall_s);

#endif
