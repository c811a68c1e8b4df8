/*
 * A report for who maintains a node: how it was built, on what it runs, what it counts, how it is
 * configured, and the newest lines of its log - and no secret. Every text in it has gone through
 * redaction.h with the secrets of the configuration.
 */
#ifndef EDGE_COMMON_SUPPORT_H
#define EDGE_COMMON_SUPPORT_H

#include "common/attributes.h"
#include "common/buf.h"
#include "common/build_facts.h"
#include "common/config.h"
#include "common/counters.h"

#include <stdbool.h>
#include <stddef.h>

/* One fact, or one line. Items of one group follow each other. */
struct support_item {
    const char *group;
    const char *name; /* NULL: a line of text */
    const char *text;
    bool is_number;
};

struct support;

struct support_options {
    const struct config *config;
    const struct build_facts *build; /* NULL: nothing is told of it */
    const char *program;
    const char *site;
    const char *node;
};

/* Begins with what it can tell by itself: groups node, build, system, process. 0 or -ENOMEM. */
EDGE_MUST_CHECK int support_new(const struct support_options *options, struct support **ret);
void support_free(struct support *support);

/* Copied. What finds no room is told by support_end(). */
void support_add(struct support *support, const char *group, const char *name, const char *text);
/* For the group `metrics`: names of groups and members with dots between them. */
struct counter_sink support_metrics(struct support *support);

/* The last groups: configuration, log. 0 or -ENOMEM: not all has found room. */
EDGE_MUST_CHECK int support_end(struct support *support);

/* After the end. False: there are not so many. Texts are borrowed. */
bool support_item(const struct support *support, size_t index, struct support_item *ret);

#endif
