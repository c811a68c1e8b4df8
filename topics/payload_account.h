/*
 * The `data` of the answers to payload_question.h: devices, rules, decisions. Those of
 * `explain` are in payload_explain.h. Members between payload_response_data_begin() and _end(),
 * filled as payload_answer.h says.
 *
 * Times are since the epoch; 0 = there is none, left out. Texts that are NULL are left out.
 */
#ifndef EDGE_TOPICS_PAYLOAD_ACCOUNT_H
#define EDGE_TOPICS_PAYLOAD_ACCOUNT_H

#include "topics/payload_device.h"
#include "topics/payload_rule.h"

#include <stdbool.h>
#include <stdint.h>

/* devices: begin, each device, end. "devices":[{"device":"vent","value":...,...}] */
void payload_devices_begin(struct json_writer *w);
void payload_devices_device(struct json_writer *w, const char *device,
                            const struct payload_device_state *state);
void payload_devices_end(struct json_writer *w);

/* rules: begin, each rule, end. "rules":[{"rule":"air","kind":"while","state":{...},"why":"...",
 * "trace":{...}}] */
struct payload_rule_account {
    const char *rule;
    const char *kind; /* "while", "when" */
    struct payload_rule_state state;
    const char *why;                        /* it does something, or does not */
    const struct payload_rule_trace *trace; /* of the newest run; NULL = none */
};
void payload_rules_begin(struct json_writer *w);
void payload_rules_rule(struct json_writer *w, const struct payload_rule_account *account);
void payload_rules_end(struct json_writer *w);

/* history: begin, each decision from the newest on, end. "decisions":[{"ts":...,"device":"vent",
 * "target":"ON","source":"rule:air","reason":"...","until":...}] */
struct payload_decision {
    int64_t ts_us;
    const char *device;
    const char *target; /* NULL = none */
    const char *source;
    const char *reason;
    int64_t until_us;
};
void payload_decisions_begin(struct json_writer *w);
void payload_decisions_decision(struct json_writer *w, const struct payload_decision *decision);
void payload_decisions_end(struct json_writer *w);

/* dry_run: begin, each step, end. "rule":"air","enabled":true,"holds":"true","runs":true,
 * "why":"...","steps":[{"step":"set vent 100","result":"...","branch":1}] */
struct payload_dry_run {
    const char *rule;
    bool enabled;
    const char *holds; /* its condition: "true", "false", "unknown" */
    bool runs;         /* if it were triggered now */
    const char *why;
};
void payload_dry_run_begin(struct json_writer *w, const struct payload_dry_run *run);
/* `branch`: of those that would run at the same time; 0 = none of them, left out. */
void payload_dry_run_step(struct json_writer *w, const char *step, const char *result,
                          uint64_t branch);
void payload_dry_run_end(struct json_writer *w);

#endif
