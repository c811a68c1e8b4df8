#include "topics/payload_account.h"

/* ---- devices ---------------------------------------------------------------------------- */

void payload_devices_begin(struct json_writer *w)
{
    json_array_begin(w, "devices");
}

void payload_devices_device(struct json_writer *w, const char *device,
                            const struct payload_device_state *state)
{
    json_object_begin(w, NULL);
    json_string(w, "device", device);
    payload_device_state_member(w, "state", state);
    json_object_end(w);
}

void payload_devices_end(struct json_writer *w)
{
    json_array_end(w);
}

/* ---- rules ------------------------------------------------------------------------------ */

void payload_rules_begin(struct json_writer *w)
{
    json_array_begin(w, "rules");
}

void payload_rules_rule(struct json_writer *w, const struct payload_rule_account *account)
{
    json_object_begin(w, NULL);
    json_string(w, "rule", account->rule);
    json_string(w, "kind", account->kind);
    payload_rule_state_member(w, "state", &account->state);
    json_string(w, "why", account->why);
    if (account->trace != NULL) {
        payload_rule_trace_member(w, "trace", account->trace);
    }
    json_object_end(w);
}

void payload_rules_end(struct json_writer *w)
{
    json_array_end(w);
}

/* ---- history ---------------------------------------------------------------------------- */

void payload_decisions_begin(struct json_writer *w)
{
    json_array_begin(w, "decisions");
}

void payload_decisions_decision(struct json_writer *w, const struct payload_decision *decision)
{
    json_object_begin(w, NULL);
    json_time_us(w, "ts", decision->ts_us);
    json_string(w, "device", decision->device);
    json_string_if(w, "target", decision->target);
    json_string_if(w, "source", decision->source);
    json_string_if(w, "reason", decision->reason);
    json_time_us_if(w, "until", decision->until_us);
    json_object_end(w);
}

void payload_decisions_end(struct json_writer *w)
{
    json_array_end(w);
}

/* ---- dry_run ---------------------------------------------------------------------------- */

void payload_dry_run_begin(struct json_writer *w, const struct payload_dry_run *run)
{
    json_string(w, "rule", run->rule);
    json_bool(w, "enabled", run->enabled);
    json_string(w, "holds", run->holds);
    json_bool(w, "runs", run->runs);
    json_string(w, "why", run->why);
    json_array_begin(w, "steps");
}

void payload_dry_run_step(struct json_writer *w, const char *step, const char *result,
                          uint64_t branch)
{
    json_object_begin(w, NULL);
    json_string(w, "step", step);
    json_string(w, "result", result);
    if (branch > 0) {
        json_u64(w, "branch", branch);
    }
    json_object_end(w);
}

void payload_dry_run_end(struct json_writer *w)
{
    json_array_end(w);
}
