#include "automation-node/engine/domain.h"

#include <math.h>

const char *refusal_name(enum refusal refusal)
{
    static const char *const names[] = {
        [REFUSAL_NONE] = "none",
        [REFUSAL_UNKNOWN_DEVICE] = "unknown_device",
        [REFUSAL_UNKNOWN_VALUE] = "unknown_value",
        [REFUSAL_OUT_OF_RANGE] = "out_of_range",
        [REFUSAL_BAD_EXPIRY] = "bad_expiry",
        [REFUSAL_BAD_TRANSACTION] = "bad_transaction",
    };
    _Static_assert(sizeof(names) / sizeof(names[0]) == REFUSAL_COUNT, "a name for each refusal");
    return names[refusal];
}

bool domain_is_valid(const struct domain *domain)
{
    if (domain->label_count > DOMAIN_LABELS_MAX || !(domain->tolerance >= 0)) {
        return false;
    }
    for (size_t i = 0; i < domain->label_count; i++) {
        if (domain->labels[i].value.kind == VALUE_NONE) {
            return false;
        }
    }
    if (!domain->numeric) {
        return domain->label_count > 0;
    }
    return isfinite(domain->min) && isfinite(domain->max) && domain->min <= domain->max;
}

enum refusal domain_check(const struct domain *domain, const struct value *value)
{
    for (size_t i = 0; i < domain->label_count; i++) {
        if (value_equal(&domain->labels[i].value, value)) {
            return REFUSAL_NONE;
        }
    }
    if (!domain->numeric || value->kind != VALUE_NUMBER) {
        return REFUSAL_UNKNOWN_VALUE;
    }
    bool inside = value->number >= domain->min && value->number <= domain->max;
    return inside ? REFUSAL_NONE : REFUSAL_OUT_OF_RANGE;
}

struct value domain_from_feedback(const struct domain *domain, const struct value *feedback)
{
    for (size_t i = 0; i < domain->label_count; i++) {
        const struct domain_label *label = &domain->labels[i];
        if (label->feedback.kind != VALUE_NONE && value_equal(&label->feedback, feedback)) {
            return label->value;
        }
    }
    return *feedback;
}

bool domain_matches(const struct domain *domain, const struct value *a, const struct value *b)
{
    if (a->kind == VALUE_NUMBER && b->kind == VALUE_NUMBER) {
        return fabs(a->number - b->number) <= domain->tolerance;
    }
    return value_equal(a, b);
}
