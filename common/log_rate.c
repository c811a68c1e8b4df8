#include "common/log_rate.h"

#include "common/log_text.h"

#include <stddef.h>

/* Where lines of this place are counted: where they were, or where nobody is any more. */
static struct log_rate_kind *find_kind(struct log_rate *rate, const struct log_site *site,
                                       int64_t now_us)
{
    struct log_rate_kind *vacant = NULL;
    for (size_t i = 0; i < LOG_RATE_KINDS; i++) {
        struct log_rate_kind *kind = &rate->kinds[i];
        if (kind->site == site) {
            return kind;
        }
        if (vacant == NULL && kind->end_us <= now_us) {
            vacant = kind;
        }
    }
    return vacant != NULL ? vacant : &rate->kinds[LOG_RATE_KINDS];
}

static void leave_out(struct log_rate *rate, struct log_rate_kind *kind,
                      const struct log_entry *entry)
{
    struct log_rate_sum *sum = &kind->left_out;
    if (sum->lines == 0 || entry->level < sum->level) {
        sum->level = entry->level;
    }
    sum->lines++;
    sum->site = entry->site;
    log_text_copy(sum->subsystem, sizeof(sum->subsystem), entry->subsystem);
    log_text_copy(sum->newest, sizeof(sum->newest), entry->message);
    rate->left_out++;
    if (kind->end_us < rate->due_us) {
        rate->due_us = kind->end_us;
    }
}

bool log_rate_pass(struct log_rate *rate, const struct log_entry *entry, int64_t now_us)
{
    if (rate->limit.burst == 0) {
        return true;
    }
    struct log_rate_kind *kind = find_kind(rate, entry->site, now_us);
    if (kind->end_us <= now_us) {
        kind->site = entry->site;
        kind->end_us = now_us + rate->limit.interval_us;
        kind->passed = 0;
        kind->left_out.lines = 0;
        kind->left_out.begun_us = now_us;
    }
    if (kind->passed < rate->limit.burst) {
        kind->passed++;
        return true;
    }
    leave_out(rate, kind, entry);
    return false;
}

bool log_rate_next(struct log_rate *rate, int64_t now_us, struct log_rate_sum *ret)
{
    int64_t due_us = INT64_MAX;
    if (now_us < rate->due_us) {
        return false;
    }
    for (size_t i = 0; i <= LOG_RATE_KINDS; i++) {
        struct log_rate_kind *kind = &rate->kinds[i];
        if (kind->left_out.lines == 0) {
            continue;
        }
        if (kind->end_us <= now_us) {
            *ret = kind->left_out;
            kind->left_out.lines = 0;
            return true;
        }
        due_us = kind->end_us < due_us ? kind->end_us : due_us;
    }
    rate->due_us = due_us;
    return false;
}
