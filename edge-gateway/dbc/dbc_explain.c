#include "edge-gateway/dbc/dbc_explain.h"

#include "edge-gateway/dbc/dbc_branches.h"
#include "edge-gateway/dbc/dbc_grid.h"
#include "edge-gateway/dbc/dbc_index.h"
#include "edge-gateway/dbc/dbc_labels.h"
#include "edge-gateway/dbc/dbc_select.h"
#include "edge-gateway/dbc/text_layout.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define INDENT 2
#define NOBODY "Vector__XXX" /* stands for "no node" in DBC files */

static void put_key(struct buf *out, const char *key)
{
    buf_printf(out, "  %-14s", key);
}

static const char *plural(unsigned count)
{
    return count == 1 ? "" : "s";
}

static void put_kind(struct buf *out, const struct dbc_message *message)
{
    put_key(out, "id");
    buf_printf(out, "0x%0*" PRIX32 " (%" PRIu32 "), %s\n", message->extended ? 8 : 3,
               message->can_id, message->can_id, message->extended ? "29 bits" : "11 bits");
    put_key(out, "frame");
    if (message->j1939) {
        uint32_t pgn = dbc_index_pgn(message->can_id);
        buf_printf(out, "J1939 parameter group 0x%04" PRIX32 " (%" PRIu32 ")", pgn, pgn);
    } else {
        buf_puts(out, message->fd ? "CAN FD" : "CAN");
    }
    buf_printf(out, ", %u byte%s\n", message->size_bytes, plural(message->size_bytes));
    if (message->cycle_time_ms > 0) {
        put_key(out, "cycle time");
        buf_printf(out, "%" PRIu32 " ms\n", message->cycle_time_ms);
    }
}

static bool is_node(const char *name)
{
    return name[0] != '\0' && strcmp(name, NOBODY) != 0;
}

/* The sender of BO_ first, then whom BO_TX_BU_ adds. */
static void put_transmitters(struct buf *out, const struct dbc_message *message)
{
    size_t start = out->length;
    if (is_node(message->sender)) {
        put_key(out, "transmitters");
        buf_puts(out, message->sender);
    }
    for (uint16_t i = 0; i < message->transmitter_count; i++) {
        const char *name = message->transmitters[i];
        if (!is_node(name) || strcmp(name, message->sender) == 0) {
            continue;
        }
        if (out->length == start) {
            put_key(out, "transmitters");
        } else {
            buf_puts(out, ", ");
        }
        buf_puts(out, name);
    }
    buf_puts(out, out->length > start ? "\n" : "");
}

static void put_groups(struct buf *out, const struct dbc_message *message)
{
    for (const struct dbc_group *group = message->groups; group != NULL; group = group->next) {
        put_key(out, "signal group");
        buf_printf(out, "%s:", group->name);
        for (uint16_t i = 0; i < group->signal_count; i++) {
            buf_printf(out, "%s %s", i > 0 ? "," : "", message->signals[group->signals[i]].name);
        }
        buf_puts(out, "\n");
    }
}

static void put_head(struct buf *out, const struct dbc_message *message)
{
    buf_printf(out, "%s\n", message->name);
    text_put_wrapped(out, message->comment, INDENT, DBC_EXPLAIN_COLUMNS);
    buf_puts(out, "\n");
    put_kind(out, message);
    put_transmitters(out, message);
    put_groups(out, message);
    put_key(out, "defined in");
    buf_printf(out, "%s:%u\n\n", message->file, message->line);
}

void dbc_explain_ranges(struct buf *out, const struct dbc_range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "%s%" PRIu64, i > 0 ? ", " : "", ranges[i].first);
        if (ranges[i].last > ranges[i].first) {
            buf_printf(out, "-%" PRIu64, ranges[i].last);
        }
    }
}

/* The multiplexors above a signal, the outermost first: "Sel = 1, Sub = 3-5". */
static void put_path(struct buf *out, const struct dbc_message *message,
                     const struct dbc_signal *signal)
{
    if (signal->multiplexed) {
        const struct dbc_signal *selector = &message->signals[signal->selector];
        put_path(out, message, selector);
        buf_printf(out, "%s = ", selector->name);
        dbc_explain_ranges(out, signal->ranges, signal->range_count);
        buf_puts(out, ", ");
    }
}

static void put_title(struct buf *out, const struct dbc_message *message,
                      const struct dbc_branch *branch)
{
    buf_puts(out, "\n  ");
    put_path(out, message, branch->selector);
    buf_printf(out, "%s = ", branch->selector->name);
    dbc_explain_ranges(out, branch->ranges, branch->range_count);
    bool single = branch->range_count == 1 && branch->ranges[0].first == branch->ranges[0].last;
    uint64_t sign = branch->selector->field.sign;
    int64_t raw = (int64_t)((branch->ranges[0].first ^ sign) - sign);
    const struct dbc_label *label = single ? dbc_find_label(branch->selector, raw) : NULL;
    if (label != NULL) {
        buf_printf(out, ": %s", label->text);
    }
    buf_puts(out, "\n\n");
}

/* Who is there, too, when the branch is: what is always there, and what its multiplexors bring. */
static void set_roles(const struct dbc_message *message, const struct dbc_branch *branch,
                      enum dbc_grid_role *roles)
{
    for (uint16_t i = 0; i < message->signal_count; i++) {
        const struct dbc_signal *signal = &message->signals[i];
        roles[i] = !signal->multiplexed                 ? DBC_GRID_SHOWN
                   : dbc_branch_selects(branch, signal) ? DBC_GRID_FOCUS
                                                        : DBC_GRID_HIDDEN;
    }
    for (const struct dbc_signal *s = branch->selector; s->multiplexed;
         s = &message->signals[s->selector]) {
        for (uint16_t i = 0; i < message->signal_count; i++) {
            const struct dbc_signal *signal = &message->signals[i];
            if (signal->multiplexed && signal->selector == s->selector &&
                dbc_selected_by(signal, s->ranges[0].first)) {
                roles[i] = DBC_GRID_SHOWN;
            }
        }
    }
}

static int put_branches(struct buf *out, const struct dbc_message *message,
                        const struct dbc_signal *selector, enum dbc_grid_role *roles)
{
    struct dbc_branches branches;
    int r = dbc_branches_init(message, selector, &branches);
    if (r < 0) {
        return r;
    }
    for (size_t i = 0; i < branches.count; i++) {
        put_title(out, message, &branches.list[i]);
        set_roles(message, &branches.list[i], roles);
        dbc_grid_draw(out, message, roles);
    }
    dbc_branches_deinit(&branches);
    return 0;
}

/* First what every frame has; then, for each multiplexor, only the bytes that a branch changes. */
static int put_grids(struct buf *out, const struct dbc_message *message)
{
    enum dbc_grid_role *roles = calloc(message->signal_count + 1u, sizeof(*roles));
    int r = roles != NULL ? 0 : -ENOMEM;
    for (uint16_t i = 0; i < message->signal_count && r == 0; i++) {
        roles[i] = message->signals[i].multiplexed ? DBC_GRID_VEILED : DBC_GRID_SHOWN;
    }
    if (r == 0) {
        dbc_grid_draw(out, message, roles);
    }
    for (uint16_t slot = 0; slot < message->selector_count && r == 0; slot++) {
        r = put_branches(out, message, &message->signals[message->selectors[slot]], roles);
    }
    free(roles);
    return r;
}

int dbc_explain(struct buf *out, const struct dbc_message *message)
{
    put_head(out, message);
    if (message->signal_count == 0) {
        buf_puts(out, "  It has no signals.\n");
        return 0;
    }
    int r = put_grids(out, message);
    if (r < 0) {
        return r;
    }
    buf_puts(out, "\n");
    dbc_grid_legend(out, message);
    buf_puts(out, "\n");
    return dbc_explain_table(out, message);
}

int dbc_explain_variable(struct buf *out, const struct dbc_variable *variable)
{
    char number[DECIMAL_TEXT_MAX];
    buf_printf(out, "%s\n", variable->name);
    text_put_wrapped(out, variable->comment, INDENT, DBC_EXPLAIN_COLUMNS);
    buf_puts(out, "\n");
    put_key(out, "kind");
    buf_printf(out, "environment variable, %s", dbc_variable_type_text(variable->type));
    if (variable->type == DBC_VARIABLE_DATA) {
        buf_printf(out, " of %" PRIu32 " byte%s", variable->size_bytes,
                   plural(variable->size_bytes));
    }
    buf_puts(out, "\n");
    if (decimal_to_double(&variable->minimum) < decimal_to_double(&variable->maximum)) {
        put_key(out, "range");
        (void)decimal_format(variable->minimum.mantissa, variable->minimum.exponent, number);
        buf_printf(out, "%s … ", number);
        (void)decimal_format(variable->maximum.mantissa, variable->maximum.exponent, number);
        buf_printf(out, "%s%s%s\n", number, variable->unit[0] != '\0' ? " " : "", variable->unit);
    }
    put_key(out, "defined in");
    buf_printf(out, "%s:%u\n%s", variable->file, variable->line,
               variable->label_count > 0 ? "\n" : "");
    return dbc_explain_labels(out, variable->labels, variable->label_count, false, INDENT);
}
