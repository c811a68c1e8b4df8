#include "edge-gateway/dbc/dbc_grid.h"

#include "edge-gateway/dbc/dbc_bits.h"
#include "edge-gateway/dbc/text_layout.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define CELL        7 /* columns of one bit, without the border beside it */
#define LABEL_BYTES 32
#define PIECE_BYTES 512 /* of a number and a name */
#define NOBODY      (-1)

/* Who has a bit. `first` is a signal's index, NOBODY for unused and veiled bits. */
struct owner {
    int first;
    int second; /* the signal that overlaps it, else NOBODY */
    bool veiled;
};

/* One payload byte. Compared as a whole: rows that look the same are drawn once. */
struct row {
    struct owner owners[8]; /* by bit */
    uint8_t msb;            /* bits that are the most significant one of their signal */
    uint8_t lsb;
    uint8_t named; /* bits of the pieces that carry their signal's name */
};

struct grid {
    struct buf *out;
    const struct dbc_message *message;
    const enum dbc_grid_role *roles;
    bool focused;
    unsigned bytes;
    int label_columns;
};

static bool same_owner(const struct owner *a, const struct owner *b)
{
    return a->first == b->first && a->second == b->second && a->veiled == b->veiled;
}

/* A long name stands once, in the byte that has most bits of its signal. */
static unsigned naming_byte(const struct dbc_signal *signal)
{
    unsigned best = signal->field.first_byte;
    int most = 0;
    for (unsigned byte = best; byte < signal->field.end_byte && most < 8; byte++) {
        int bits = __builtin_popcount(dbc_bits_in_byte(signal, byte));
        if (bits > most) {
            most = bits;
            best = byte;
        }
    }
    return best;
}

static uint8_t bit_at(unsigned position, unsigned byte)
{
    return (uint8_t)(position / 8 == byte ? 1u << position % 8 : 0u);
}

static void put_signal(struct row *row, unsigned byte, const struct dbc_signal *signal, bool veiled)
{
    uint8_t bits = dbc_bits_in_byte(signal, byte);
    for (unsigned bit = 0; bit < 8; bit++) {
        struct owner *owner = &row->owners[bit];
        if ((bits >> bit & 1) == 0) {
            continue;
        }
        if (veiled) {
            owner->veiled = owner->first == NOBODY;
        } else if (owner->first == NOBODY) {
            *owner = (struct owner){signal->index, NOBODY, false};
        } else if (owner->second == NOBODY) {
            owner->second = signal->index;
        }
    }
    if (bits != 0 && !veiled) {
        row->msb |= bit_at(dbc_bits_position(signal, signal->length_bits - 1u), byte);
        row->lsb |= bit_at(dbc_bits_position(signal, 0), byte);
        row->named |= naming_byte(signal) == byte ? bits : 0;
    }
}

static void make_row(const struct grid *grid, unsigned byte, struct row *ret)
{
    memset(ret, 0, sizeof(*ret));
    for (unsigned bit = 0; bit < 8; bit++) {
        ret->owners[bit] = (struct owner){NOBODY, NOBODY, false};
    }
    for (uint16_t i = 0; i < grid->message->signal_count; i++) {
        if (grid->roles[i] != DBC_GRID_HIDDEN) {
            put_signal(ret, byte, &grid->message->signals[i], grid->roles[i] == DBC_GRID_VEILED);
        }
    }
}

static bool same_row(const struct row *a, const struct row *b)
{
    for (unsigned bit = 0; bit < 8; bit++) {
        if (!same_owner(&a->owners[bit], &b->owners[bit])) {
            return false;
        }
    }
    return a->msb == b->msb && a->lsb == b->lsb && a->named == b->named;
}

/* Left of the bit; bit 7 has the outer border there, "bit -1" the one on the right. */
static bool has_border(const struct row *row, int bit)
{
    return row != NULL &&
           (bit == 7 || bit < 0 || !same_owner(&row->owners[bit], &row->owners[bit + 1]));
}

/* Between two rows; none inside a signal. NULL is outside. */
static bool has_line(const struct row *above, const struct row *below, int bit)
{
    return above == NULL || below == NULL || above->owners[bit].first == NOBODY ||
           !same_owner(&above->owners[bit], &below->owners[bit]);
}

static void put_line(const struct grid *grid, const struct row *above, const struct row *below)
{
    /* By the arms of the glyph: 1 up, 2 down, 4 left, 8 right. */
    static const char *const glyphs[] = {" ", "╵", "╷", "│", "╴", "┘", "┐", "┤",
                                         "╶", "└", "┌", "├", "─", "┴", "┬", "┼"};
    text_put_repeated(grid->out, " ", (size_t)grid->label_columns + 1);
    for (int bit = 7; bit >= -1; bit--) {
        bool left = bit < 7 && has_line(above, below, bit + 1);
        bool right = bit >= 0 && has_line(above, below, bit);
        unsigned arms = (has_border(above, bit) ? 1u : 0) | (has_border(below, bit) ? 2u : 0) |
                        (left ? 4u : 0) | (right ? 8u : 0);
        buf_puts(grid->out, glyphs[arms]);
        text_put_repeated(grid->out, right ? "─" : " ", bit >= 0 ? CELL : 0);
    }
    buf_puts(grid->out, "\n");
}

/* Number and name, between the marks of the ends. */
static void put_box(const struct grid *grid, const struct row *row, int high, int low)
{
    const struct owner *owner = &row->owners[high];
    const char *name = grid->message->signals[owner->first].name;
    char text[PIECE_BYTES];
    if (owner->second != NOBODY) {
        (void)snprintf(text, sizeof(text), "%d + %d", owner->first + 1, owner->second + 1);
    } else if ((row->named >> high & 1) != 0) {
        (void)snprintf(text, sizeof(text), "%d %s", owner->first + 1, name);
    } else {
        (void)snprintf(text, sizeof(text), "%d", owner->first + 1);
    }
    buf_puts(grid->out, (row->msb >> high & 1) != 0 ? "«" : " ");
    text_put_fitted(grid->out, text, (size_t)(high - low + 1) * (CELL + 1) - 3);
    buf_puts(grid->out, (row->lsb >> low & 1) != 0 ? "»" : " ");
}

static void put_piece(const struct grid *grid, const struct row *row, int high, int low)
{
    if (row->owners[high].first != NOBODY) {
        put_box(grid, row, high, low);
    } else if (row->owners[high].veiled) {
        text_put_repeated(grid->out, "▒", (size_t)(high - low + 1) * (CELL + 1) - 1);
    } else {
        text_put_repeated(grid->out, "   ·    ", (size_t)(high - low));
        buf_puts(grid->out, "   ·   ");
    }
}

static void put_row(const struct grid *grid, const struct row *row, const char *label)
{
    buf_printf(grid->out, "%*s ", grid->label_columns, label);
    for (int high = 7; high >= 0;) {
        int low = high;
        while (!has_border(row, low - 1)) {
            low--;
        }
        buf_puts(grid->out, "│");
        put_piece(grid, row, high, low);
        high = low - 1;
    }
    buf_puts(grid->out, "│\n");
}

static bool is_visible(const struct grid *grid, unsigned byte)
{
    for (uint16_t i = 0; i < grid->message->signal_count && grid->focused; i++) {
        if (grid->roles[i] == DBC_GRID_FOCUS &&
            dbc_bits_in_byte(&grid->message->signals[i], byte) != 0) {
            return true;
        }
    }
    return !grid->focused;
}

/* The last of the visible rows from `byte` on that look like it. */
static unsigned last_alike(const struct grid *grid, unsigned byte, const struct row *row)
{
    unsigned last = byte;
    bool inside = byte < grid->message->size_bytes;
    while (last + 1 < grid->bytes && (last + 1 < grid->message->size_bytes) == inside &&
           is_visible(grid, last + 1)) {
        struct row next;
        make_row(grid, last + 1, &next);
        if (!same_row(row, &next)) {
            break;
        }
        last++;
    }
    return last;
}

static void put_rows(const struct grid *grid)
{
    struct row rows[2];
    const struct row *above = NULL;
    for (unsigned byte = 0; byte < grid->bytes; byte++) {
        if (!is_visible(grid, byte)) {
            continue;
        }
        struct row *row = above == &rows[0] ? &rows[1] : &rows[0];
        char label[LABEL_BYTES];
        make_row(grid, byte, row);
        unsigned last = last_alike(grid, byte, row);
        const char *beyond = byte >= grid->message->size_bytes ? "!" : "";
        if (last > byte) {
            (void)snprintf(label, sizeof(label), "%u-%u%s", byte, last, beyond);
        } else {
            (void)snprintf(label, sizeof(label), "%u%s", byte, beyond);
        }
        put_line(grid, above, row);
        put_row(grid, row, label);
        above = row;
        byte = last;
    }
    if (above != NULL) {
        put_line(grid, above, NULL);
    }
}

static void prepare(struct grid *grid)
{
    grid->bytes = grid->message->size_bytes;
    for (uint16_t i = 0; i < grid->message->signal_count; i++) {
        unsigned end = grid->message->signals[i].field.end_byte;
        if (grid->roles[i] != DBC_GRID_HIDDEN && end > grid->bytes) {
            grid->bytes = end;
        }
        grid->focused = grid->focused || grid->roles[i] == DBC_GRID_FOCUS;
    }
    /* Room for the longest label, "98-99!". */
    char digits[LABEL_BYTES];
    grid->label_columns = 2 * snprintf(digits, sizeof(digits), "%u", grid->bytes) + 2;
}

void dbc_grid_draw(struct buf *out, const struct dbc_message *message,
                   const enum dbc_grid_role *roles)
{
    struct grid grid = {.out = out, .message = message, .roles = roles};
    prepare(&grid);
    buf_printf(out, "%*s", grid.label_columns + 1, "");
    for (int bit = 7; bit >= 0; bit--) {
        buf_printf(out, bit > 0 ? "    %d   " : "    %d\n", bit);
    }
    put_rows(&grid);
}

void dbc_grid_legend(struct buf *out, const struct dbc_message *message)
{
    bool veiled = false;
    bool beyond = false;
    for (uint16_t i = 0; i < message->signal_count; i++) {
        veiled = veiled || message->signals[i].multiplexed;
        beyond = beyond || message->signals[i].field.end_byte > message->size_bytes;
    }
    buf_puts(out, "  « most significant bit   » least significant bit   · unused");
    buf_puts(out, veiled ? "   ▒ multiplexed" : "");
    buf_puts(out, beyond ? "   ! beyond the message" : "");
    buf_puts(out, "\n");
}
