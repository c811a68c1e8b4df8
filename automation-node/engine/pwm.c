#include "automation-node/engine/pwm.h"

#include "automation-node/engine/clamp.h"
#include "automation-node/input/deadline.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define WHOLE_PPM     INT64_C(1000000)
#define PERIOD_MAX_US (7 * 24 * 3600 * INT64_C(1000000)) /* ppm times us fit */

struct pwm {
    struct pwm_options options;
    bool running; /* something is wanted */
    bool on;
    int64_t window_us;    /* when the present one began */
    int64_t ends_us;      /* of the pulse, while it is on */
    int64_t since_us;     /* when it went on or off; INT64_MIN = never */
    int64_t stepped_us;   /* up to when `owed_ps` counts */
    int64_t share_ppm;    /* wanted since then: 0 to WHOLE_PPM */
    int64_t owed_ps;      /* whole numbers: the sum does not depend on how often it is looked at */
    struct pwm_view view; /* since then */
    struct proposal proposal;
};

int pwm_new(const struct pwm_options *options, struct pwm **ret)
{
    bool possible = options->period_us > 0 && options->period_us <= PERIOD_MAX_US &&
                    options->min_on_us >= 0 && options->min_on_us <= options->period_us &&
                    options->min_off_us >= 0 &&
                    options->min_off_us <= options->period_us - options->min_on_us &&
                    isfinite(options->full) && options->full > 0 &&
                    options->on_value.kind != VALUE_NONE && options->off_value.kind != VALUE_NONE;
    if (!possible) {
        return -EINVAL;
    }
    struct pwm *pwm = calloc(1, sizeof(*pwm));
    if (pwm == NULL) {
        return -ENOMEM;
    }
    pwm->options = *options;
    pwm->since_us = INT64_MIN;
    *ret = pwm;
    return 0;
}

void pwm_free(struct pwm *pwm)
{
    free(pwm);
}

/* ---- what is owed ---- */

/* No more than a period, on either side. */
static int64_t bound_owed(const struct pwm *pwm, int64_t owed_ps)
{
    int64_t most_ps = pwm->options.period_us * WHOLE_PPM;
    int64_t least_ps = -most_ps;
    owed_ps = owed_ps > least_ps ? owed_ps : least_ps;
    return owed_ps < most_ps ? owed_ps : most_ps;
}

static void account(struct pwm *pwm, int64_t now_us)
{
    bool known = pwm->stepped_us <= now_us && pwm->stepped_us >= now_us - pwm->options.period_us;
    int64_t passed_us = known ? now_us - pwm->stepped_us : 0;
    bool given = pwm->view.in_charge ? pwm->view.is_on : pwm->on;
    int64_t more_ps = (pwm->share_ppm - (given ? WHOLE_PPM : 0)) * passed_us;
    pwm->stepped_us = now_us;
    pwm->owed_ps = known ? bound_owed(pwm, pwm->owed_ps + more_ps) : 0;
}

/* ---- one window ---- */

static int64_t window_end(const struct pwm *pwm)
{
    return deadline_after(pwm->window_us, pwm->options.period_us);
}

/* Begins the window that `now_us` is in; false if it has begun already. What was loaded may be in
 * the future. */
static bool begin_window(struct pwm *pwm, int64_t now_us)
{
    if (now_us >= pwm->window_us && now_us < window_end(pwm)) {
        return false;
    }
    bool next = now_us >= window_end(pwm) &&
                now_us < deadline_after(window_end(pwm), pwm->options.period_us);
    pwm->window_us = next ? window_end(pwm) : now_us;
    return true;
}

/* Time on that the rest of the window should have. */
static int64_t wanted_us(const struct pwm *pwm, int64_t now_us)
{
    return (pwm->owed_ps + pwm->share_ppm * (window_end(pwm) - now_us)) / WHOLE_PPM;
}

/* Where a pulse ends that should end at `ends_us` and may not before `first_us`: the pause after it
 * is long enough, or none. */
static int64_t leave_pause(const struct pwm *pwm, int64_t ends_us, int64_t first_us)
{
    int64_t latest_us = window_end(pwm) - pwm->options.min_off_us;
    bool is_nearer = window_end(pwm) - ends_us >= pwm->options.min_off_us / 2;
    if (ends_us <= latest_us) {
        return ends_us;
    }
    return is_nearer && latest_us >= first_us ? latest_us : window_end(pwm);
}

/* It is off, and a window begins: whether it goes on. */
static bool goes_on(struct pwm *pwm, int64_t now_us)
{
    int64_t min_on_us = pwm->options.min_on_us;
    int64_t pulse_us = wanted_us(pwm, now_us);
    bool rested = pwm->since_us == INT64_MIN ||
                  now_us >= deadline_after(pwm->since_us, pwm->options.min_off_us);
    if (!rested || pulse_us <= 0 || pulse_us < min_on_us / 2) {
        return false;
    }
    pulse_us = pulse_us > min_on_us ? pulse_us : min_on_us;
    pwm->ends_us = leave_pause(pwm, now_us + pulse_us, now_us + min_on_us);
    return true;
}

/* It is on: whether it stays so. */
static bool stays_on(struct pwm *pwm, int64_t now_us)
{
    int64_t first_us = deadline_after(pwm->since_us, pwm->options.min_on_us);
    first_us = first_us > now_us ? first_us : now_us;
    int64_t ends_us = now_us + wanted_us(pwm, now_us);
    pwm->ends_us = leave_pause(pwm, ends_us > first_us ? ends_us : first_us, first_us);
    return pwm->ends_us > now_us;
}

/* ---- what is proposed ---- */

static void explain(struct pwm *pwm, const struct proposal *wanted, int64_t now_us)
{
    struct cause *cause = &pwm->proposal.cause;
    double period_s = (double)pwm->options.period_us / 1e6;
    double rest_s = (double)((pwm->on ? pwm->ends_us : window_end(pwm)) - now_us) / 1e6;
    *cause = wanted->cause;
    cause_explain(cause, "%s for %.4g s, on for %.4g %% of each %.4g s: %.200s",
                  pwm->on ? "on" : "off", rest_s, (double)pwm->share_ppm / 1e4, period_s,
                  wanted->cause.reason);
}

static bool stop(struct pwm *pwm, const struct proposal *wanted)
{
    bool changed = pwm->running;
    pwm->running = false;
    pwm->on = false;
    pwm->proposal = *wanted;
    return changed;
}

static void begin(struct pwm *pwm, int64_t now_us)
{
    pwm->running = true;
    pwm->on = false;
    pwm->since_us = INT64_MIN;
    pwm->owed_ps = 0;
    pwm->stepped_us = now_us;
    pwm->window_us = now_us - pwm->options.period_us; /* over: the next one begins now */
}

bool pwm_step(struct pwm *pwm, const struct proposal *wanted, const struct pwm_view *view,
              int64_t now_us)
{
    if (wanted->value.kind != VALUE_NUMBER) {
        return stop(pwm, wanted);
    }
    bool first = !pwm->running;
    if (first) {
        begin(pwm, now_us);
    }
    pwm->since_us = pwm->since_us < now_us ? pwm->since_us : now_us;
    account(pwm, now_us);
    pwm->view = *view;
    pwm->share_ppm =
        llround(clamp(wanted->value.number / pwm->options.full, 0, 1) * (double)WHOLE_PPM);
    bool begins = begin_window(pwm, now_us);
    bool on = pwm->on ? stays_on(pwm, now_us) : begins && goes_on(pwm, now_us);
    if (on == pwm->on && !first) {
        return false;
    }
    pwm->since_us = on == pwm->on ? pwm->since_us : now_us;
    pwm->on = on;
    pwm->proposal.value = on ? pwm->options.on_value : pwm->options.off_value;
    explain(pwm, wanted, now_us);
    return true;
}

const struct proposal *pwm_proposal(const struct pwm *pwm)
{
    return &pwm->proposal;
}

int64_t pwm_next_deadline(const struct pwm *pwm)
{
    if (!pwm->running) {
        return DEADLINE_NONE;
    }
    return pwm->on ? pwm->ends_us : window_end(pwm);
}

bool pwm_is_on_value(const struct pwm *pwm, const struct value *value)
{
    return value_equal(value, &pwm->options.on_value);
}

double pwm_owed_s(const struct pwm *pwm)
{
    return (double)pwm->owed_ps / 1e12;
}

void pwm_archive(struct pwm *pwm, struct archive *a)
{
    archive_flag(a, "running", &pwm->running);
    archive_flag(a, "on", &pwm->on);
    archive_time(a, "window_at", &pwm->window_us);
    archive_time(a, "ends_at", &pwm->ends_us);
    archive_time(a, "since", &pwm->since_us);
    archive_time(a, "stepped_at", &pwm->stepped_us);
    archive_i64(a, "share_ppm", &pwm->share_ppm);
    archive_i64(a, "owed_ps", &pwm->owed_ps);
    archive_flag(a, "told_on", &pwm->view.is_on);
    archive_flag(a, "in_charge", &pwm->view.in_charge);
    cause_archive(&pwm->proposal.cause, a);
    pwm->share_ppm = pwm->share_ppm > 0 ? pwm->share_ppm : 0;
    pwm->share_ppm = pwm->share_ppm < WHOLE_PPM ? pwm->share_ppm : WHOLE_PPM;
    pwm->owed_ps = bound_owed(pwm, pwm->owed_ps);
    struct value value = pwm->on ? pwm->options.on_value : pwm->options.off_value;
    pwm->proposal.value = pwm->running ? value : (struct value){.kind = VALUE_NONE};
}
