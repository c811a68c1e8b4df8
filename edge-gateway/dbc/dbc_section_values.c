#include "edge-gateway/dbc/dbc_sections.h"

#include "common/parse.h"
#include "edge-gateway/dbc/dbc_labels.h"
#include "edge-gateway/dbc/dbc_section_variables.h"
#include "edge-gateway/dbc/decimal_integer.h"

#include <stdlib.h>
#include <string.h>

#define LABELS_MAX 65536u
#define RANGES_MAX 4096u

/* A raw value as dbc_label holds it; false when it is no 64-bit integer. */
static bool label_raw(const struct decimal *number, int64_t *ret)
{
    uint64_t large;
    if (decimal_to_i64(number, 0, ret)) {
        return true;
    }
    if (!decimal_to_u64(number, 0, &large)) {
        return false;
    }
    *ret = (int64_t)large;
    return true;
}

struct label_list {
    struct dbc_label *labels;
    size_t count;
    size_t capacity;
};

static void add_label(struct dbc_parser *p, struct label_list *list, struct dbc_label label)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity > 0 ? list->capacity * 2 : 16;
        struct dbc_label *grown = reallocarray(list->labels, capacity, sizeof(*grown));
        if (grown == NULL) {
            p->draft->failed = true;
            return;
        }
        list->labels = grown;
        list->capacity = capacity;
    }
    list->labels[list->count++] = label;
}

/* 0 "Off" 1 "On" */
static void read_rows(struct dbc_parser *p, struct label_list *list)
{
    struct decimal number;
    struct dbc_span span;
    struct dbc_label label = {.text = ""};
    for (;;) {
        struct dbc_position at = dbc_parser_here(p);
        if (!dbc_lexer_number(&p->lexer, &span)) {
            return;
        }
        bool whole =
            decimal_parse(span.text, span.length, &number) == 0 && label_raw(&number, &label.raw);
        if (!dbc_parser_string(p, &label.text)) {
            dbc_parser_warn(p, at, "the text of value %.*s is missing", dbc_parser_shown(span),
                            span.text);
            continue;
        }
        label.not_available = dbc_label_means_not_available(label.text);
        if (!whole) {
            dbc_parser_warn(p, at, "the value of \"%s\" is not a whole number: skipped",
                            label.text);
        } else if (list->count >= LABELS_MAX) {
            dbc_parser_warn(p, at, "more than %u values: the rest is skipped", LABELS_MAX);
            return;
        } else if (!p->muted) {
            add_label(p, list, label);
        }
    }
}

/* Rows, or the name of a VAL_TABLE_; then the final ';'. */
static struct dbc_draft_table read_table(struct dbc_parser *p)
{
    struct dbc_draft_table table = {.name = ""};
    struct label_list list = {NULL, 0, 0};
    struct dbc_position at = dbc_parser_here(p);
    read_rows(p, &list);
    if (list.count == 0 && !dbc_parser_at_section(p) && dbc_parser_name(p, &table.name)) {
        const struct dbc_draft_table *named = dbc_draft_find_table(p->draft, table.name);
        if (named != NULL) {
            table = *named;
        } else {
            dbc_parser_warn(p, at, "no value table '%s'", table.name);
        }
    } else {
        table.labels =
            dbc_labels_sorted(p->draft->arena, list.labels, list.count, &table.label_count);
    }
    if (table.label_count < list.count) {
        dbc_parser_warn(p, at, "a value has two texts: the last one is used");
    }
    free(list.labels);
    dbc_parser_end(p);
    return table;
}

void dbc_section_value_table(struct dbc_parser *p)
{
    const char *name;
    if (!dbc_parser_name(p, &name)) {
        dbc_parser_warn(p, dbc_parser_here(p), "a value table needs a name");
        dbc_parser_skip_statement(p);
        return;
    }
    struct dbc_draft_table table = read_table(p);
    if (!p->muted) {
        table.name = name;
        dbc_draft_add_table(p->draft, &table);
    }
}

static void check_label_fit(struct dbc_parser *p, struct dbc_position at,
                            const struct dbc_signal *signal, const struct dbc_draft_table *table)
{
    if (signal->length_bits >= 64) {
        return;
    }
    int64_t one = 1;
    int64_t low = signal->type == DBC_SIGNED ? -(one << (signal->length_bits - 1)) : 0;
    int64_t high = signal->type == DBC_SIGNED ? -(low + 1)
                                              : (int64_t)((UINT64_C(1) << signal->length_bits) - 1);
    for (size_t i = 0; i < table->label_count; i++) {
        if (table->labels[i].raw < low || table->labels[i].raw > high) {
            dbc_parser_warn(p, at, "value %lld does not fit the %u bits of signal '%s'",
                            (long long)table->labels[i].raw, signal->length_bits, signal->name);
            return;
        }
    }
}

static void read_variable_values(struct dbc_parser *p)
{
    struct dbc_position at = dbc_parser_here(p);
    const char *name = "";
    (void)dbc_parser_name(p, &name);
    struct dbc_variable *variable = dbc_section_find_variable(p, at, name);
    struct dbc_draft_table table = read_table(p);
    if (variable != NULL) {
        variable->labels = table.labels;
        variable->label_count = (uint32_t)table.label_count;
    }
}

void dbc_section_values(struct dbc_parser *p)
{
    struct dbc_position at = dbc_parser_here(p);
    struct dbc_lexer before = p->lexer;
    struct dbc_span word;
    if (!dbc_lexer_digits(&p->lexer, &word)) {
        read_variable_values(p);
        return;
    }
    p->lexer = before;
    const struct dbc_draft_message *message = dbc_parser_message(p);
    struct dbc_draft_signal *signal;
    if (!dbc_parser_signal(p, message, &signal)) {
        dbc_parser_warn(p, at, "the signal's name is missing");
        dbc_parser_skip_statement(p);
        return;
    }
    struct dbc_draft_table table = read_table(p);
    if (signal != NULL) {
        check_label_fit(p, at, &signal->signal, &table);
    }
    for (; signal != NULL; signal = dbc_draft_namesake(message, signal)) {
        signal->signal.labels = table.labels;
        signal->signal.label_count = (uint32_t)table.label_count;
    }
}

void dbc_section_value_type(struct dbc_parser *p)
{
    struct dbc_position at = dbc_parser_here(p);
    const struct dbc_draft_message *message = dbc_parser_message(p);
    struct dbc_draft_signal *signal = NULL;
    (void)dbc_parser_signal(p, message, &signal);
    struct decimal type = decimal_of(0, 0);
    (void)dbc_lexer_char(&p->lexer, ':');
    (void)dbc_parser_number(p, &type);
    dbc_parser_end(p);
    bool is_float = decimal_to_double(&type) == 1 || decimal_to_double(&type) == 2;
    if (!is_float && !int128_is_zero(type.mantissa)) {
        dbc_parser_warn(p, at, "a value type is 0, 1 or 2: the signal stays an integer");
    }
    for (; signal != NULL; signal = dbc_draft_namesake(message, signal)) {
        unsigned bits = signal->signal.length_bits;
        if (is_float && bits != 16 && bits != 32 && bits != 64) {
            dbc_parser_warn(p, at, "a float has 16, 32 or 64 bits, not %u: '%s' stays an integer",
                            bits, signal->signal.name);
        } else if (is_float) {
            signal->signal.type = DBC_FLOAT;
        }
    }
}

/* 0-3, 5-5 */
static size_t read_ranges(struct dbc_parser *p, struct dbc_range *ranges, size_t max)
{
    size_t count = 0;
    struct dbc_span digits;
    do {
        struct dbc_range range = {0, 0};
        struct dbc_position at = dbc_parser_here(p);
        if (!dbc_lexer_digits(&p->lexer, &digits) ||
            parse_u64(digits.text, digits.length, UINT64_MAX, &range.first) < 0) {
            dbc_parser_warn(p, at, "a range of selector values is expected");
            break;
        }
        range.last = range.first;
        if (dbc_lexer_char(&p->lexer, '-') &&
            (!dbc_lexer_digits(&p->lexer, &digits) ||
             parse_u64(digits.text, digits.length, UINT64_MAX, &range.last) < 0)) {
            dbc_parser_warn(p, at, "the end of the range is missing");
        }
        if (range.last < range.first) {
            dbc_parser_warn(p, at, "the range runs backwards: turned round");
            range = (struct dbc_range){range.last, range.first};
        }
        if (count < max) {
            ranges[count++] = range;
        }
    } while (dbc_lexer_char(&p->lexer, ','));
    return count;
}

static void apply_ranges(struct dbc_parser *p, struct dbc_draft_signal *signal,
                         const char *selector, const struct dbc_range *ranges, size_t count)
{
    struct dbc_range *copy = dbc_arena_alloc(p->draft->arena, count, sizeof(*copy));
    if (copy == NULL || count == 0) {
        return;
    }
    memcpy(copy, ranges, count * sizeof(*copy));
    signal->signal.ranges = copy;
    signal->signal.range_count = (uint16_t)count;
    signal->signal.multiplexed = true;
    signal->selector_name = selector;
}

/* Of several signals with one name, the one whose own tag lies in the ranges. */
static struct dbc_draft_signal *tagged_signal(const struct dbc_draft_message *message,
                                              struct dbc_draft_signal *first,
                                              const struct dbc_range *ranges, size_t count)
{
    struct dbc_draft_signal *signal = first;
    for (; signal != NULL; signal = dbc_draft_namesake(message, signal)) {
        for (size_t i = 0; i < count && signal->signal.range_count > 0; i++) {
            uint64_t tag = signal->signal.ranges[0].first;
            if (tag >= ranges[i].first && tag <= ranges[i].last) {
                return signal;
            }
        }
    }
    return first;
}

void dbc_section_multiplexing(struct dbc_parser *p)
{
    struct dbc_position at = dbc_parser_here(p);
    struct dbc_draft_message *message = dbc_parser_message(p);
    struct dbc_draft_signal *signal = NULL;
    struct dbc_draft_signal *by = NULL;
    (void)dbc_parser_signal(p, message, &signal);
    (void)dbc_parser_signal(p, message, &by);
    struct dbc_range *ranges = calloc(RANGES_MAX, sizeof(*ranges));
    if (ranges == NULL) {
        p->draft->failed = true;
        return;
    }
    size_t count = read_ranges(p, ranges, RANGES_MAX);
    dbc_parser_end(p);
    if (signal != NULL && by == signal) {
        dbc_parser_warn(p, at, "signal '%s' selects itself: ignored", by->signal.name);
    } else if (signal != NULL && by != NULL) {
        by->signal.multiplexor = true;
        apply_ranges(p, tagged_signal(message, signal, ranges, count), by->signal.name, ranges,
                     count);
    }
    free(ranges);
}

static bool is_word(struct dbc_span span, const char *word)
{
    return span.length == strlen(word) && memcmp(span.text, word, span.length) == 0;
}

/* CM_ SG_ 100 Name "text"; some files leave out the name, and mean the message. */
static void read_signal_comment(struct dbc_parser *p)
{
    struct dbc_draft_message *message = dbc_parser_message(p);
    struct dbc_position at = dbc_parser_here(p);
    const char *text = "";
    struct dbc_draft_signal *signal = NULL;
    bool named = dbc_parser_signal(p, message, &signal);
    if (!named) {
        dbc_parser_warn(p, at, "the signal's name is missing: taken as a comment on the message");
    }
    if (!dbc_parser_comment(p, &text)) {
        dbc_parser_warn(p, at, "the comment is missing");
    }
    for (; signal != NULL; signal = dbc_draft_namesake(message, signal)) {
        signal->signal.comment = text;
    }
    if (!named && message != NULL && message->message.comment[0] == '\0') {
        message->message.comment = text;
    }
}

void dbc_section_comment(struct dbc_parser *p)
{
    struct dbc_position at = dbc_parser_here(p);
    struct dbc_span kind = {"", 0};
    const char *text = "";
    (void)dbc_lexer_word(&p->lexer, &kind);
    if (is_word(kind, "SG_")) {
        read_signal_comment(p);
        dbc_parser_end(p);
        return;
    }
    struct dbc_draft_message *message = NULL;
    struct dbc_variable *variable = NULL;
    struct dbc_position name_at = dbc_parser_here(p);
    const char *name = "";
    if (is_word(kind, "BO_")) {
        message = dbc_parser_message(p);
    } else if (kind.length > 0) {
        (void)dbc_parser_name(p, &name);
    }
    if (is_word(kind, "EV_")) {
        variable = dbc_section_find_variable(p, name_at, name);
    }
    if (!dbc_parser_comment(p, &text)) {
        dbc_parser_warn(p, at, "the comment is missing");
    }
    if (message != NULL) {
        message->message.comment = text;
    }
    if (variable != NULL) {
        variable->comment = text;
    }
    dbc_parser_end(p);
}
