/* What a rule of events remembers over a stop. */
#ifndef EDGE_AUTOMATION_ENGINE_EVENT_RULE_ARCHIVE_H
#define EDGE_AUTOMATION_ENGINE_EVENT_RULE_ARCHIVE_H

#include "automation-node/engine/event_rule.h"
#include "automation-node/state/archive.h"

/* See archive.h: what it has seen, its runs under way, its counters. */
void event_rule_archive(struct event_rule *rule, struct archive *a);

/* Differs whenever event_rule_archive() has something else to say of its conditions and runs. */
uint64_t event_rule_digest(const struct event_rule *rule);

#endif
