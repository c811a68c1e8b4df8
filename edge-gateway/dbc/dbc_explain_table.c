#include "edge-gateway/dbc/dbc_explain.h"

#include "edge-gateway/dbc/text_layout.h"

#include <errno.h>
#include <string.h>

#define CELL_MAX_BYTES DBC_TEXT_MAX_BYTES /* no text of a file is longer than the file */
#define GAP            "  "

typedef void (*cell_fn)(struct buf *cell, const struct dbc_message *message, uint16_t index);

static void put_decimal(struct buf *cell, const struct decimal *number)
{
    char text[DECIMAL_TEXT_MAX];
    (void)decimal_format(number->mantissa, number->exponent, text);
    buf_puts(cell, text);
}

static void put_number(struct buf *cell, const struct dbc_message *message, uint16_t index)
{
    (void)message;
    buf_printf(cell, "%u", index + 1u);
}

static void put_name(struct buf *cell, const struct dbc_message *message, uint16_t index)
{
    buf_puts(cell, message->signals[index].name);
}

static void put_bits(struct buf *cell, const struct dbc_message *message, uint16_t index)
{
    const struct dbc_signal *signal = &message->signals[index];
    bool negative = signal->type == DBC_SIGNED || signal->type == DBC_FLOAT;
    buf_printf(cell, "%u|%u@%c%c", signal->start_bit, signal->length_bits,
               signal->big_endian ? '0' : '1', negative ? '-' : '+');
}

static void put_type(struct buf *cell, const struct dbc_message *message, uint16_t index)
{
    const struct dbc_signal *signal = &message->signals[index];
    static const char *const types[] = {[DBC_UNSIGNED] = "unsigned",
                                        [DBC_SIGNED] = "signed",
                                        [DBC_FLOAT] = "float",
                                        [DBC_WIDE] = "wide"};
    buf_puts(cell, types[signal->type]);
    if (signal->type == DBC_FLOAT) {
        buf_printf(cell, "%u", signal->length_bits);
    }
    buf_puts(cell, signal->big_endian ? ", Motorola" : ", Intel");
}

static void put_factor(struct buf *cell, const struct dbc_message *message, uint16_t index)
{
    put_decimal(cell, &message->signals[index].factor);
}

static void put_offset(struct buf *cell, const struct dbc_message *message, uint16_t index)
{
    put_decimal(cell, &message->signals[index].offset);
}

static void put_unit(struct buf *cell, const struct dbc_message *message, uint16_t index)
{
    buf_puts(cell, message->signals[index].unit);
}

static void put_range(struct buf *cell, const struct dbc_message *message, uint16_t index)
{
    const struct dbc_signal *signal = &message->signals[index];
    if (signal->has_range) {
        put_decimal(cell, &signal->minimum);
        buf_puts(cell, " … ");
        put_decimal(cell, &signal->maximum);
    }
}

static void put_start(struct buf *cell, const struct dbc_message *message, uint16_t index)
{
    const struct dbc_signal *signal = &message->signals[index];
    if (signal->has_start) {
        put_decimal(cell, &signal->start);
    }
}

static void put_multiplexing(struct buf *cell, const struct dbc_message *message, uint16_t index)
{
    const struct dbc_signal *signal = &message->signals[index];
    if (signal->multiplexed) {
        buf_printf(cell, "%s = ", message->signals[signal->selector].name);
        dbc_explain_ranges(cell, signal->ranges, signal->range_count);
    }
    if (signal->multiplexor) {
        buf_puts(cell, signal->multiplexed ? "; multiplexor" : "multiplexor");
    }
}

static const struct column {
    const char *title;
    cell_fn put;
    bool right; /* aligned to the right */
} columns[] = {
    {"#", put_number, true},          {"Signal", put_name, false},
    {"Bits", put_bits, false},        {"Type", put_type, false},
    {"Factor", put_factor, true},     {"Offset", put_offset, true},
    {"Unit", put_unit, false},        {"Range", put_range, false},
    {"Start (raw)", put_start, true}, {"Multiplexing", put_multiplexing, false},
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct table {
    const struct dbc_message *message;
    struct buf cell;        /* scratch */
    struct buf line;        /* scratch */
    size_t widths[COLUMNS]; /* 0: no signal has anything there */
    bool starved;           /* memory ran out */
};

/* Empties `text`; a lack of memory is kept in mind. */
static void clear(struct table *table, struct buf *text)
{
    table->starved = table->starved || buf_error(text) == -ENOMEM;
    buf_reset(text);
}

static void measure(struct table *table)
{
    for (size_t c = 0; c < COLUMNS; c++) {
        for (uint16_t i = 0; i < table->message->signal_count; i++) {
            clear(table, &table->cell);
            columns[c].put(&table->cell, table->message, i);
            size_t width = table->cell.length > 0 ? text_columns(table->cell.data) : 0;
            table->widths[c] = width > table->widths[c] ? width : table->widths[c];
        }
        size_t title = text_columns(columns[c].title);
        if (table->widths[c] > 0 && table->widths[c] < title) {
            table->widths[c] = title;
        }
    }
}

static void put_cell(struct table *table, size_t column, const char *text)
{
    size_t width = table->widths[column];
    if (width == 0) {
        return;
    }
    buf_puts(&table->line, GAP);
    if (columns[column].right) {
        text_put_repeated(&table->line, " ", width - text_columns(text));
    }
    text_put_fitted(&table->line, text, columns[column].right ? text_columns(text) : width);
}

/* Without the blanks that fill up the last cells. */
static void put_line(struct table *table, struct buf *out)
{
    size_t length = table->line.length;
    while (length > 0 && table->line.data[length - 1] == ' ') {
        length--;
    }
    if (length > 0) {
        buf_append(out, table->line.data, length);
    }
    buf_puts(out, "\n");
    clear(table, &table->line);
}

int dbc_explain_labels(struct buf *out, const struct dbc_label *labels, uint32_t count,
                       bool is_unsigned, size_t indent)
{
    struct buf text;
    buf_init(&text, CELL_MAX_BYTES);
    for (uint32_t i = 0; i < count; i++) {
        char number[DECIMAL_TEXT_MAX];
        if (is_unsigned) {
            (void)decimal_format_u64((uint64_t)labels[i].raw, number);
        } else {
            (void)decimal_format_i64(labels[i].raw, 0, number);
        }
        buf_printf(&text, "%s = %s%s%s", number, labels[i].text,
                   labels[i].not_available ? " (not available)" : "", i + 1 < count ? ", " : "");
    }
    bool ok = buf_ok(&text);
    text_put_wrapped(out, ok && count > 0 ? text.data : "", indent, DBC_EXPLAIN_COLUMNS);
    buf_deinit(&text);
    return ok ? 0 : -ENOMEM;
}

static int put_signal(struct table *table, struct buf *out, uint16_t index)
{
    const struct dbc_signal *signal = &table->message->signals[index];
    size_t indent = strlen(GAP) + table->widths[0] + 2 * strlen(GAP);
    for (size_t c = 0; c < COLUMNS; c++) {
        clear(table, &table->cell);
        columns[c].put(&table->cell, table->message, index);
        put_cell(table, c, table->cell.length > 0 ? table->cell.data : "");
    }
    put_line(table, out);
    int r = dbc_explain_labels(out, signal->labels, signal->label_count,
                               signal->type == DBC_UNSIGNED, indent);
    text_put_wrapped(out, signal->comment, indent, DBC_EXPLAIN_COLUMNS);
    return r;
}

int dbc_explain_table(struct buf *out, const struct dbc_message *message)
{
    struct table table = {.message = message};
    buf_init(&table.cell, CELL_MAX_BYTES);
    buf_init(&table.line, CELL_MAX_BYTES);
    measure(&table);
    for (size_t c = 0; c < COLUMNS; c++) {
        put_cell(&table, c, columns[c].title);
    }
    put_line(&table, out);
    int r = 0;
    for (uint16_t i = 0; i < message->signal_count && r == 0; i++) {
        r = put_signal(&table, out, i);
    }
    bool ok = buf_ok(&table.cell) && buf_ok(&table.line) && !table.starved;
    buf_deinit(&table.cell);
    buf_deinit(&table.line);
    return ok ? r : -ENOMEM;
}
