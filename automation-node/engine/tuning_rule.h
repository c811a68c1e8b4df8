/*
 * From the ultimate gain Ku and period Pu of a loop to the gains of a PID controller, by rules that
 * have names:
 *
 *   Ziegler, Nichols: Optimum settings for automatic controllers. Trans. ASME 64 (1942) 759-768
 *   Tyreus, Luyben: Tuning PI controllers for integrator/dead time processes. Ind. Eng. Chem. Res.
 *     31 (1992) 2625-2628; with D: Luyben, the same 35 (1996) 3480-3483
 *
 *   ziegler_nichols      Kp = 0.6 Ku     Ti = Pu / 2     Td = Pu / 8     quick, swings
 *   ziegler_nichols_pi   Kp = 0.45 Ku    Ti = Pu / 1.2
 *   tyreus_luyben        Kp = Ku / 2.2   Ti = 2.2 Pu     Td = Pu / 6.3   calm
 *   tyreus_luyben_pi     Kp = Ku / 3.2   Ti = 2.2 Pu
 */
#ifndef EDGE_AUTOMATION_ENGINE_TUNING_RULE_H
#define EDGE_AUTOMATION_ENGINE_TUNING_RULE_H

enum tuning_rule {
    TUNING_RULE_TYREUS_LUYBEN_PI,
    TUNING_RULE_TYREUS_LUYBEN,
    TUNING_RULE_ZIEGLER_NICHOLS_PI,
    TUNING_RULE_ZIEGLER_NICHOLS,
    TUNING_RULE_COUNT
};

struct pid_gains {
    double kp; /* output per unit of the input */
    double ki; /* the same per second */
    double kd; /* the same times seconds */
};

/* `ultimate_gain` in output per unit of the input; both > 0. */
struct pid_gains tuning_rule_gains(enum tuning_rule rule, double ultimate_gain,
                                   double ultimate_period_s);

const char *tuning_rule_name(enum tuning_rule rule);

#endif
