#include "edge-gateway/dbc/dbc_compile.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#define WARNING_MAX_BYTES 512
#define NULL_ADDRESS      0xFEu /* SAE J1939-81: the source address that belongs to nobody */
#define PRIORITY_SHIFT    26
#define CLASSIC_MAX_BYTES 8

void dbc_report_warn(const struct dbc_report *report, struct dbc_position at, const char *format,
                     ...)
{
    va_list args;
    va_start(args, format);
    diagnostics_add_list(report->diagnostics, SEVERITY_WARNING, report->file, at.line,
                         dbc_position_column(at), format, args);
    va_end(args);
}

/* Priority 0 is hardly ever used: an id such as 0x7FE is no J1939 one. */
static bool has_null_address(const struct dbc_message *message)
{
    return dbc_index_has_null_address(message->can_id) && message->can_id >> PRIORITY_SHIFT != 0;
}

/*
 * Files without a frame format still show that they are J1939 or NMEA 2000: most of their 29-bit
 * ids end with the null address, which no sender has.
 */
void dbc_compile_protocol(struct dbc_draft *draft)
{
    size_t extended = 0;
    size_t null_address = 0;
    for (size_t i = 0; i < draft->message_count; i++) {
        const struct dbc_message *message = &draft->messages[i]->message;
        extended += message->extended ? 1 : 0;
        null_address += message->extended && has_null_address(message) ? 1 : 0;
    }
    if (null_address * 2 > extended) {
        draft->defaults.j1939 = true;
    }
}

static void apply_frame_format(const struct dbc_draft *draft, struct dbc_draft_message *dm)
{
    struct dbc_message *message = &dm->message;
    const char *format = dm->frame_format != NULL ? dm->frame_format : draft->defaults.frame_format;
    format = format != NULL ? format : "";
    message->j1939 = message->extended && (strstr(format, "J1939") != NULL ||
                                           (has_null_address(message) && draft->defaults.j1939));
    message->fd = strstr(format, "FD") != NULL ||
                  (message->size_bytes > CLASSIC_MAX_BYTES && !message->j1939);
}

static void apply_long_names(struct dbc_draft_message *dm)
{
    if (dm->long_name != NULL) {
        dm->message.name = dm->long_name;
    }
    for (size_t i = 0; i < dm->signal_count; i++) {
        if (dm->signals[i].long_name != NULL) {
            dm->signals[i].signal.name = dm->signals[i].long_name;
        }
    }
}

static void apply_start(const struct dbc_draft *draft, struct dbc_signal *signal)
{
    if (!signal->has_start && draft->defaults.has_start) {
        signal->has_start = true;
        signal->start = draft->defaults.start;
    }
}

int dbc_compile(struct dbc_draft *draft, struct dbc_draft_message *dm,
                const struct dbc_report *report)
{
    struct dbc_message *message = &dm->message;
    int r = dbc_compile_selectors(draft, dm, report);
    if (r < 0) {
        return r;
    }
    for (size_t i = 0; i < dm->signal_count; i++) {
        dm->signals[i].signal.index = (uint16_t)i;
        apply_start(draft, &dm->signals[i].signal);
        dbc_compile_signal(&dm->signals[i], report);
    }
    dbc_check_layout(dm, report);
    apply_frame_format(draft, dm);
    apply_long_names(dm);
    if (!dm->has_cycle_time) {
        message->cycle_time_ms = draft->defaults.cycle_time_ms;
    }
    message->signals = dbc_arena_alloc(draft->arena, dm->signal_count, sizeof(struct dbc_signal));
    if (message->signals == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < dm->signal_count; i++) {
        message->signals[i] = dm->signals[i].signal;
    }
    message->signal_count = (uint16_t)dm->signal_count;
    return 0;
}
