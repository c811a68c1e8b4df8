/* What a rule of levels remembers over a stop. */
#ifndef EDGE_AUTOMATION_ENGINE_LEVEL_RULE_ARCHIVE_H
#define EDGE_AUTOMATION_ENGINE_LEVEL_RULE_ARCHIVE_H

#include "automation-node/engine/level_rule.h"
#include "automation-node/state/archive.h"

/* See archive.h. */
void level_rule_archive(struct level_rule *rule, struct archive *a);

/* Differs whenever level_rule_archive() has something else to say of its condition. */
uint64_t level_rule_digest(const struct level_rule *rule);

#endif
