#include "edge-gateway/dbc/dbc_sections.h"

#include "common/parse.h"

#include <inttypes.h>
#include <string.h>

#define STANDARD_ID_MAX 0x7FFu
#define EXTENDED_ID_MAX 0x1FFFFFFFu
#define EXTENDED_FLAG   0x80000000u
#define PAYLOAD_BITS    (DBC_PAYLOAD_MAX_BYTES * 8)

const char *dbc_section_can_id(uint64_t number, uint32_t *ret_id, bool *ret_extended)
{
    uint32_t low = (uint32_t)number;
    *ret_extended = number > STANDARD_ID_MAX;
    *ret_id = low & EXTENDED_ID_MAX;
    if (number <= STANDARD_ID_MAX) {
        return NULL;
    }
    if ((low & EXTENDED_FLAG) == 0 && number <= EXTENDED_ID_MAX) {
        return "does not fit 11 bits: read as a 29-bit id";
    }
    return (low & ~EXTENDED_FLAG) > EXTENDED_ID_MAX ? "has more than 29 bits: the rest is ignored"
                                                    : NULL;
}

/* The number behind BO_; "0x12" is not in the format, but some write it. */
static bool read_id(struct dbc_parser *p, uint64_t *ret)
{
    struct dbc_position at = dbc_parser_here(p);
    struct dbc_span word;
    if (!dbc_lexer_word(&p->lexer, &word)) {
        return false;
    }
    if (parse_u64(word.text, word.length, UINT32_MAX, ret) == 0) {
        return true;
    }
    if (word.length > 2 && word.text[0] == '0' && (word.text[1] | 0x20) == 'x' &&
        parse_hex_u64(word.text + 2, word.length - 2, UINT32_MAX, ret) == 0) {
        dbc_parser_warn(p, at, "the id is written in hexadecimal");
        return true;
    }
    return false;
}

/* Names are C identifiers, but files have "64_LE" and "Speed.Front", too. */
static void check_name(struct dbc_parser *p, struct dbc_position at, const char *name)
{
    bool good = name[0] < '0' || name[0] > '9';
    for (const char *c = name; *c != '\0'; c++) {
        good = good && ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                        (*c >= '0' && *c <= '9') || *c == '_');
    }
    if (!good) {
        dbc_parser_warn(p, at, "'%s' is no identifier: taken as it stands", name);
    }
}

static uint16_t read_size(struct dbc_parser *p)
{
    struct dbc_position at = dbc_parser_here(p);
    struct dbc_span digits;
    uint64_t size = 8;
    if (!dbc_lexer_digits(&p->lexer, &digits)) {
        dbc_parser_warn(p, at, "the message length is missing: 8 bytes are assumed");
    } else if (parse_u64(digits.text, digits.length, DBC_PAYLOAD_MAX_BYTES, &size) < 0) {
        dbc_parser_warn(p, at, "the message is longer than %d bytes", DBC_PAYLOAD_MAX_BYTES);
        size = DBC_PAYLOAD_MAX_BYTES;
    }
    return (uint16_t)size;
}

static void keep_message(struct dbc_parser *p, struct dbc_draft_message *draft, uint64_t number)
{
    struct dbc_message *message = &draft->message;
    const char *forgiven = dbc_section_can_id(number, &message->can_id, &message->extended);
    if (forgiven != NULL) {
        dbc_parser_warn(p, draft->at, "id %" PRIu64 " of message '%s' %s", number, message->name,
                        forgiven);
    }
    uint32_t key = message->can_id | (message->extended ? DBC_INDEX_EXTENDED : 0);
    const struct dbc_draft_message *first = dbc_draft_find_message(p->draft, key);
    if (first != NULL) {
        dbc_parser_warn(p, draft->at,
                        "message '%s' is skipped: its id 0x%X belongs to message '%s' in line %u",
                        message->name, message->can_id, first->message.name, first->at.line);
        p->in_pseudo = true;
        return;
    }
    p->current = dbc_draft_add_message(p->draft, draft);
}

void dbc_section_message(struct dbc_parser *p)
{
    struct dbc_draft_message draft = {.at = dbc_parser_here(p)};
    struct dbc_message *message = &draft.message;
    p->current = NULL;
    p->in_pseudo = p->muted;
    uint64_t number;
    bool has_id = read_id(p, &number);
    struct dbc_position name_at = dbc_parser_here(p);
    if (!has_id || !dbc_parser_name(p, &message->name)) {
        dbc_parser_warn(p, draft.at, "a message needs an id and a name: the line is skipped");
        dbc_lexer_skip_line(&p->lexer);
        p->in_pseudo = true;
        return;
    }
    check_name(p, name_at, message->name);
    dbc_parser_expect(p, ':');
    message->size_bytes = read_size(p);
    message->sender = "";
    message->comment = "";
    message->file = p->file;
    message->line = draft.at.line;
    if (dbc_lexer_skip_blanks(&p->lexer)) {
        (void)dbc_parser_name(p, &message->sender);
        (void)dbc_lexer_skip_blanks(&p->lexer);
    }
    (void)dbc_lexer_char(&p->lexer, ';');
    if (number == DBC_PSEUDO_ID) {
        p->in_pseudo = true;
    } else if (!p->muted) {
        keep_message(p, &draft, number);
    }
}

/* "M", "m3" or "m3M"; false if it is none of them. */
static bool read_tag(struct dbc_parser *p, struct dbc_span word, struct dbc_signal *signal)
{
    if (word.length == 1 && word.text[0] == 'M') {
        signal->multiplexor = true;
        return true;
    }
    bool both = word.length > 2 && word.text[word.length - 1] == 'M';
    uint64_t value;
    if (word.length < 2 || word.text[0] != 'm' ||
        parse_u64(word.text + 1, word.length - (both ? 2 : 1), UINT64_MAX, &value) < 0) {
        return false;
    }
    struct dbc_range *range = dbc_arena_alloc(p->draft->arena, 1, sizeof(*range));
    if (range != NULL) {
        *range = (struct dbc_range){value, value};
        signal->ranges = range;
        signal->range_count = 1;
    }
    signal->multiplexed = true;
    signal->multiplexor = both;
    return true;
}

/* What stands between the name and the colon; forgives a missing colon. */
static void read_head(struct dbc_parser *p, struct dbc_signal *signal)
{
    for (;;) {
        struct dbc_position at = dbc_parser_here(p);
        if (dbc_lexer_char(&p->lexer, ':')) {
            return;
        }
        struct dbc_lexer before = p->lexer;
        struct dbc_span word;
        uint64_t start;
        if (!dbc_lexer_word(&p->lexer, &word) ||
            parse_u64(word.text, word.length, UINT64_MAX, &start) == 0) {
            p->lexer = before;
            dbc_parser_warn(p, at, "missing ':'");
            return;
        }
        if (!read_tag(p, word, signal)) {
            dbc_parser_warn(p, at, "'%.*s' is no multiplexor tag: ignored", dbc_parser_shown(word),
                            word.text);
        }
    }
}

static bool read_bits(struct dbc_parser *p, uint64_t max, uint16_t *ret)
{
    struct dbc_span digits;
    uint64_t value;
    if (!dbc_lexer_digits(&p->lexer, &digits) ||
        parse_u64(digits.text, digits.length, max, &value) < 0) {
        return false;
    }
    *ret = (uint16_t)value;
    return true;
}

/* 8|16@1+ */
static bool read_layout(struct dbc_parser *p, struct dbc_signal *signal)
{
    if (!read_bits(p, PAYLOAD_BITS - 1, &signal->start_bit) || !dbc_lexer_char(&p->lexer, '|') ||
        !read_bits(p, PAYLOAD_BITS, &signal->length_bits) || signal->length_bits == 0) {
        return false;
    }
    dbc_parser_expect(p, '@');
    struct dbc_position at = dbc_parser_here(p);
    if (dbc_lexer_char(&p->lexer, '0')) {
        signal->big_endian = true;
    } else if (!dbc_lexer_char(&p->lexer, '1')) {
        dbc_parser_warn(p, at, "the byte order is missing: Intel is assumed");
    }
    at = dbc_parser_here(p);
    signal->type = DBC_UNSIGNED;
    if (dbc_lexer_char(&p->lexer, '-')) {
        signal->type = DBC_SIGNED;
    } else if (!dbc_lexer_char(&p->lexer, '+')) {
        dbc_parser_warn(p, at, "the sign is missing: unsigned is assumed");
    }
    if (signal->length_bits > 64) {
        dbc_parser_warn(p, at, "signal '%s' has %u bits: read as one unsigned number", signal->name,
                        signal->length_bits);
        signal->type = DBC_WIDE;
    }
    return true;
}

/* (factor,offset) [minimum|maximum] "unit" - each part may be missing. */
static void read_scale(struct dbc_parser *p, struct dbc_signal *signal)
{
    struct dbc_position at = dbc_parser_here(p);
    if (dbc_lexer_char(&p->lexer, '(')) {
        (void)dbc_parser_number(p, &signal->factor);
        dbc_parser_expect(p, ',');
        (void)dbc_parser_number(p, &signal->offset);
        dbc_parser_expect(p, ')');
    } else {
        dbc_parser_warn(p, at, "factor and offset are missing: (1,0) is assumed");
    }
    if (int128_is_zero(signal->factor.mantissa)) {
        dbc_parser_warn(p, at, "the factor of signal '%s' is 0", signal->name);
    }
    dbc_parser_range(p, &signal->minimum, &signal->maximum);
    at = dbc_parser_here(p);
    if (!dbc_parser_string(p, &signal->unit)) {
        dbc_parser_warn(p, at, "the unit is missing");
    }
}

/* The receivers: to the end of the line, or further when the line ends with a comma. */
static void skip_receivers(struct dbc_parser *p)
{
    struct dbc_lexer *lexer = &p->lexer;
    struct dbc_span word;
    bool comma = false;
    while (lexer->at < lexer->end && (dbc_lexer_skip_blanks(lexer) || comma)) {
        if (dbc_parser_at_section(p)) {
            return;
        }
        comma = dbc_lexer_char(lexer, ',');
        if (!comma && !dbc_lexer_word(lexer, &word) && lexer->at < lexer->end) {
            lexer->at++;
        }
    }
}

static bool same_tag(const struct dbc_signal *a, const struct dbc_signal *b)
{
    if (!a->multiplexed || !b->multiplexed) {
        return true;
    }
    return a->range_count > 0 && b->range_count > 0 && a->ranges[0].first == b->ranges[0].first;
}

/* One name may appear once per selector value; anything else is a mistake. */
static bool is_duplicate(struct dbc_parser *p, const struct dbc_draft_signal *draft)
{
    const struct dbc_draft_signal *other = NULL;
    while ((other = dbc_draft_next_signal(p->current, draft->signal.name, other)) != NULL) {
        if (same_tag(&other->signal, &draft->signal)) {
            dbc_parser_warn(p, draft->at,
                            "message '%s' has a signal '%s' already, in line %u: skipped",
                            p->current->message.name, draft->signal.name, other->at.line);
            return true;
        }
    }
    return false;
}

void dbc_section_signal(struct dbc_parser *p)
{
    struct dbc_draft_signal draft = {.at = dbc_parser_here(p)};
    struct dbc_signal *signal = &draft.signal;
    signal->factor = decimal_of(1, 0);
    signal->unit = "";
    signal->comment = "";
    if (!dbc_parser_name(p, &signal->name)) {
        dbc_parser_warn(p, draft.at, "a signal needs a name: the line is skipped");
        dbc_lexer_skip_line(&p->lexer);
        return;
    }
    check_name(p, draft.at, signal->name);
    read_head(p, signal);
    if (!read_layout(p, signal)) {
        dbc_parser_warn(p, draft.at, "signal '%s' has no valid start and length: skipped",
                        signal->name);
        dbc_lexer_skip_line(&p->lexer);
        return;
    }
    read_scale(p, signal);
    skip_receivers(p);
    if (p->muted || p->in_pseudo) {
        return;
    }
    if (p->current == NULL) {
        dbc_parser_warn(p, draft.at, "signal '%s' belongs to no message: skipped", signal->name);
    } else if (p->current->signal_count >= DBC_SIGNALS_MAX) {
        dbc_parser_warn(p, draft.at, "too many signals: '%s' is skipped", signal->name);
    } else if (!is_duplicate(p, &draft)) {
        (void)dbc_draft_add_signal(p->draft, p->current, &draft);
    }
}
