#include "automation-node/engine/tuning_rule.h"

struct row {
    const char *name;
    double gain;       /* kp as a share of the ultimate gain */
    double integral;   /* integral time as a share of the ultimate period */
    double derivative; /* derivative time likewise; 0 = none */
};

static const struct row rows[] = {
    [TUNING_RULE_TYREUS_LUYBEN_PI] = {"tyreus_luyben_pi", 1 / 3.2, 2.2, 0},
    [TUNING_RULE_TYREUS_LUYBEN] = {"tyreus_luyben", 1 / 2.2, 2.2, 1 / 6.3},
    [TUNING_RULE_ZIEGLER_NICHOLS_PI] = {"ziegler_nichols_pi", 0.45, 1 / 1.2, 0},
    [TUNING_RULE_ZIEGLER_NICHOLS] = {"ziegler_nichols", 0.6, 0.5, 0.125},
};
_Static_assert(sizeof(rows) / sizeof(rows[0]) == TUNING_RULE_COUNT, "a row for each rule");

struct pid_gains tuning_rule_gains(enum tuning_rule rule, double ultimate_gain,
                                   double ultimate_period_s)
{
    const struct row *row = &rows[rule];
    double kp = row->gain * ultimate_gain;
    return (struct pid_gains){.kp = kp,
                              .ki = kp / (row->integral * ultimate_period_s),
                              .kd = kp * row->derivative * ultimate_period_s};
}

const char *tuning_rule_name(enum tuning_rule rule)
{
    return rows[rule].name;
}
