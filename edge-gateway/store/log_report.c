#include "edge-gateway/store/log_report.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

void log_report_add(struct log_report *report, const char *name, bool ok, const char *format, ...)
{
    assert(report->count < LOG_FINDINGS_MAX);
    struct log_finding *finding = &report->findings[report->count++];
    va_list args;
    finding->name = name;
    finding->ok = ok;
    va_start(args, format);
    (void)vsnprintf(finding->text, sizeof(finding->text), format, args);
    va_end(args);
    for (char *c = finding->text; *c != '\0'; c++) {
        *c = *c == '\n' ? ' ' : *c; /* SQLite has findings of several lines */
    }
}

size_t log_report_faults(const struct log_report *report)
{
    size_t faults = 0;
    for (size_t i = 0; i < report->count; i++) {
        faults += report->findings[i].ok ? 0 : 1;
    }
    return faults;
}

void log_tally_fault(struct log_tally *tally, const char *format, ...)
{
    if (tally->faults++ > 0) {
        return;
    }
    va_list args;
    va_start(args, format);
    (void)vsnprintf(tally->first, sizeof(tally->first), format, args);
    va_end(args);
}

void log_report_add_tally(struct log_report *report, const char *name,
                          const struct log_tally *tally, const char *figures)
{
    if (tally->faults == 0) {
        log_report_add(report, name, true, "%s", figures);
    } else if (tally->faults == 1) {
        log_report_add(report, name, false, "%s", tally->first);
    } else {
        log_report_add(report, name, false, "%.200s; and %" PRIu64 " more", tally->first,
                       tally->faults - 1);
    }
}
