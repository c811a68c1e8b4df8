/*
 * An actuation, `can/<bus>/<message>/set`:
 *
 *   {"signals":{"Heater":"On","Power":55},"ttl_ms":5000,"transaction":"...",
 *    "master":{"group":"heating","node":"auto1","epoch":7},"sent":{"clock":81273645,"ms":812345}}
 *
 * `master` is that of an automation node which leads a group of them: docs/standby.md. `sent` is
 * when it was sent, by a clock that is never set, and whose number no other has: by that a gateway
 * sees what was on its way for too long.
 *
 * Closed: an unknown or repeated key is refused, because a misspelt "ttl_ms" must not act for ever.
 */
#ifndef EDGE_TOPICS_PAYLOAD_SET_H
#define EDGE_TOPICS_PAYLOAD_SET_H

#include "topics/attributes.h"
#include "topics/json_writer.h"
#include "topics/payload_node_claim.h"
#include "topics/payload_value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct payload_stamp {
    uint64_t clock; /* 1 to PAYLOAD_INTEGER_MAX */
    uint64_t ms;    /* 0 to PAYLOAD_INTEGER_MAX */
};

struct payload_set {
    size_t count;                   /* 1 to PAYLOAD_SIGNALS_MAX */
    struct payload_signal *signals; /* number, text (a label) or bool; in the order of the text */
    uint64_t ttl_ms;                /* 1 to PAYLOAD_TTL_MAX_MS; 0: not given */
    const char *transaction;        /* NULL: none */
    bool has_master;
    struct payload_master master; /* if it has one */
    bool has_sent;
    struct payload_stamp sent; /* if it has one */
    void *document;            /* owns every text here; private */
};

/* 0 and a set for payload_set_free(); -EINVAL, -EMSGSIZE (PAYLOAD_SET_MAX_BYTES) or -ENOMEM with
 * the reason. */
TOPICS_MUST_CHECK int payload_set_decode(const char *text, size_t length, struct payload_set **ret,
                                         struct payload_error *reterr);
void payload_set_free(struct payload_set *set);

/* In steps: begin, each signal, end. `ttl_ms` 0, and what is NULL of the others, is
 * left out. */
void payload_set_begin(struct json_writer *w);
void payload_set_signal(struct json_writer *w, const char *name, const struct payload_value *value);
void payload_set_end(struct json_writer *w, uint64_t ttl_ms, const char *transaction,
                     const struct payload_master *master, const struct payload_stamp *sent);

#endif
