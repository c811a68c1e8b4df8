/*
 * The templates with which Home Assistant reads our payloads, and makes payloads for us. Each one
 * survives a member that is missing: a multiplexed signal is not in every reading.
 *
 * A number that is missing renders as nothing, which leaves the entity as it was; null, and what is
 * not valid, renders as None, which makes it unknown. A word that is missing renders as the present
 * state, since an enum would complain about nothing at all.
 *
 * Each function writes a NUL-terminated text: 0, or -EMSGSIZE. DISCOVERY_TEMPLATE_SIZE is enough
 * for names of TOPIC_ID_MAX_BYTES.
 */
#ifndef EDGE_TOPICS_DISCOVERY_TEMPLATE_H
#define EDGE_TOPICS_DISCOVERY_TEMPLATE_H

#include "topics/attributes.h"

#include <stdbool.h>
#include <stddef.h>

#define DISCOVERY_TEMPLATE_SIZE 1024

/* What a signal's value can be, beside what it usually is. */
struct discovery_value {
    const char *signal;     /* its name in the reading */
    bool has_labels;        /* a number that is published as a word sometimes */
    bool has_not_available; /* a word that says that there is no value */
};

/* A text as a string of the template language. */
TOPICS_MUST_CHECK int discovery_template_quote(const char *name, char *text, size_t size);

/* Of a message's reading. */
TOPICS_MUST_CHECK int discovery_template_number(const struct discovery_value *value, char *text,
                                                size_t size);
TOPICS_MUST_CHECK int discovery_template_label(const struct discovery_value *value, char *text,
                                               size_t size);
TOPICS_MUST_CHECK int discovery_template_switch(const struct discovery_value *value, char *text,
                                                size_t size);

/* A member at the top of a payload: "load_percent". */
TOPICS_MUST_CHECK int discovery_template_member(const char *member, char *text, size_t size);

/* A member two levels down, as in metrics: "store", "fill_percent". */
TOPICS_MUST_CHECK int discovery_template_group(const char *group, const char *member, char *text,
                                               size_t size);

/* A transition of that alarm as an event; nothing for those of others. */
TOPICS_MUST_CHECK int discovery_template_alarm_event(const char *alarm, char *text, size_t size);

/* Static templates. */
const char *discovery_template_bus_usable(void);   /* of a bus state: online or offline */
const char *discovery_template_plain_number(void); /* a plain payload that may be a word */
const char *discovery_template_plain(void);        /* a plain payload, without blanks around */
const char *discovery_template_alarm_active(void); /* of an alarm's state: ON or OFF */

#endif
