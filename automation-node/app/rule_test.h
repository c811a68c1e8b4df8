/*
 * A test of an automation that a person can read: times and inputs in, expected decisions out. The
 * clock is virtual, devices obey at once, and inputs repeat what they show until they fall silent.
 *
 *   config automation.yaml
 *   start 2026-11-26 05:59
 *   temperature 18.5 °C
 *   expect heater ON because controller:air
 *   06:30 expect vent 0
 *   +10min temperature silent
 *   +1min expect heater OFF because fail_safe
 */
#ifndef EDGE_AUTOMATION_NODE_APP_RULE_TEST_H
#define EDGE_AUTOMATION_NODE_APP_RULE_TEST_H

#include "common/attributes.h"
#include "common/diagnostics.h"

#include <stddef.h>

struct rule_test_result {
    size_t expectations;
    size_t failures;
};

/* Runs one file. What does not hold, and what is not understood, is in `d` with its line. 0;
 * -EINVAL when the file or its configuration cannot be used; -ENOMEM. */
EDGE_MUST_CHECK int rule_test_run(const char *path, struct diagnostics *d,
                                  struct rule_test_result *ret);

/* The same of a text, which is changed on the way, that would be in a file at `path`. */
EDGE_MUST_CHECK int rule_test_run_text(const char *path, char *text, struct diagnostics *d,
                                       struct rule_test_result *ret);

#endif
