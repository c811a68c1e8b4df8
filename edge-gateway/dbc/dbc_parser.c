#include "edge-gateway/dbc/dbc_parser.h"

#include "common/parse.h"
#include "edge-gateway/dbc/dbc_section_groups.h"
#include "edge-gateway/dbc/dbc_section_variables.h"
#include "edge-gateway/dbc/dbc_sections.h"
#include "edge-gateway/dbc/text_encoding.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define NAME_MAX_BYTES    255
#define KEYWORD_MAX_BYTES 32
#define SHOWN_MAX_BYTES   64

struct section {
    const char *keyword;
    size_t length; /* of the keyword: every word on a new line is held against all of them */
    enum dbc_pass pass;
    dbc_section_fn read;
};

struct dbc_position dbc_parser_here(struct dbc_parser *p)
{
    (void)dbc_lexer_skip_space(&p->lexer);
    return dbc_lexer_position(&p->lexer);
}

void dbc_parser_warn(struct dbc_parser *p, struct dbc_position at, const char *format, ...)
{
    if (p->muted) {
        return;
    }
    va_list args;
    va_start(args, format);
    diagnostics_add_list(p->diagnostics, SEVERITY_WARNING, p->file, at.line,
                         dbc_position_column(at), format, args);
    va_end(args);
}

int dbc_parser_shown(struct dbc_span word)
{
    return (int)text_cut(word.text, word.length, SHOWN_MAX_BYTES);
}

void dbc_parser_expect(struct dbc_parser *p, char c)
{
    struct dbc_position at = dbc_parser_here(p);
    if (!dbc_lexer_char(&p->lexer, c)) {
        dbc_parser_warn(p, at, "missing '%c'", c);
    }
}

static bool read_name(struct dbc_parser *p, struct dbc_span *ret)
{
    struct dbc_position at = dbc_parser_here(p);
    if (!dbc_lexer_word(&p->lexer, ret)) {
        return false;
    }
    if (ret->length > NAME_MAX_BYTES) {
        dbc_parser_warn(p, at, "name is longer than %d bytes: cut", NAME_MAX_BYTES);
        ret->length = text_cut(ret->text, ret->length, NAME_MAX_BYTES);
    }
    return true;
}

bool dbc_parser_name(struct dbc_parser *p, const char **ret)
{
    struct dbc_span span;
    if (!read_name(p, &span)) {
        return false;
    }
    *ret = p->muted ? "" : dbc_arena_text(p->draft->arena, span.text, span.length);
    return true;
}

/* The text between the quotes; only \" is an escape, as in the tools that write these files. */
static const char *unescaped(struct dbc_parser *p, struct dbc_span span)
{
    if (p->muted) {
        return "";
    }
    if (memmem(span.text, span.length, "\\\"", 2) == NULL) {
        return dbc_arena_text(p->draft->arena, span.text, span.length);
    }
    char *copy = dbc_arena_alloc(p->draft->arena, span.length + 1, 1);
    if (copy == NULL) {
        return "";
    }
    size_t used = 0;
    for (size_t i = 0; i < span.length; i++) {
        if (span.text[i] == '\\' && i + 1 < span.length && span.text[i + 1] == '"') {
            i++;
        }
        copy[used++] = span.text[i];
    }
    return copy;
}

bool dbc_parser_quoted(struct dbc_parser *p, struct dbc_span *ret)
{
    struct dbc_position at = dbc_parser_here(p);
    bool closed;
    if (!dbc_lexer_string(&p->lexer, ret, &closed)) {
        return false;
    }
    if (!closed) {
        dbc_parser_warn(p, at, "string is not closed: it ends with its line");
    }
    return true;
}

bool dbc_parser_string(struct dbc_parser *p, const char **ret)
{
    struct dbc_span span;
    if (!dbc_parser_quoted(p, &span)) {
        return false;
    }
    *ret = unescaped(p, span);
    return true;
}

/* The last '";' on the line when the string that ended at the cursor did not end its statement. */
static const char *later_end(struct dbc_parser *p)
{
    struct dbc_lexer *lexer = &p->lexer;
    if (!dbc_lexer_skip_blanks(lexer) || *lexer->at == ';') {
        return NULL;
    }
    const char *newline = memchr(lexer->at, '\n', (size_t)(lexer->end - lexer->at));
    const char *line_end = newline != NULL ? newline : lexer->end;
    for (const char *at = line_end - 1; at > lexer->at; at--) {
        if (*at == ';' && at[-1] == '"') {
            return at - 1;
        }
    }
    return NULL;
}

bool dbc_parser_comment(struct dbc_parser *p, const char **ret)
{
    struct dbc_position at = dbc_parser_here(p);
    struct dbc_span span;
    if (!dbc_parser_quoted(p, &span)) {
        return false;
    }
    const char *end = later_end(p);
    if (end != NULL) {
        dbc_parser_warn(p, at, "quotes inside the comment are not escaped");
        span.length = (size_t)(end - span.text);
        p->lexer.at = end + 1;
    }
    *ret = unescaped(p, span);
    return true;
}

/* ".25" and "5." */
static bool has_bare_point(struct dbc_span number)
{
    const char *point = memchr(number.text, '.', number.length);
    if (point == NULL) {
        return false;
    }
    bool before = point > number.text && isdigit((unsigned char)point[-1]);
    bool after = point + 1 < number.text + number.length && isdigit((unsigned char)point[1]);
    return !before || !after;
}

bool dbc_parser_number(struct dbc_parser *p, struct decimal *ret)
{
    struct dbc_position at = dbc_parser_here(p);
    struct dbc_span span;
    if (!dbc_lexer_number(&p->lexer, &span)) {
        if (!dbc_lexer_word(&p->lexer, &span)) {
            span = (struct dbc_span){"", 0};
        }
        dbc_parser_warn(p, at, "'%.*s' is not a number", dbc_parser_shown(span), span.text);
        return false;
    }
    if (decimal_parse(span.text, span.length, ret) < 0) {
        dbc_parser_warn(p, at, "number is out of range");
        return false;
    }
    if (has_bare_point(span)) {
        dbc_parser_warn(p, at, "no digit beside the point of '%.*s'", dbc_parser_shown(span),
                        span.text);
    }
    return true;
}

void dbc_parser_range(struct dbc_parser *p, struct decimal *ret_minimum,
                      struct decimal *ret_maximum)
{
    struct dbc_position at = dbc_parser_here(p);
    if (!dbc_lexer_char(&p->lexer, '[')) {
        dbc_parser_warn(p, at, "the range is missing");
        return;
    }
    (void)dbc_parser_number(p, ret_minimum);
    dbc_parser_expect(p, '|');
    (void)dbc_parser_number(p, ret_maximum);
    dbc_parser_expect(p, ']');
}

struct dbc_draft_message *dbc_parser_message(struct dbc_parser *p)
{
    struct dbc_position at = dbc_parser_here(p);
    struct dbc_span span;
    uint64_t number;
    if (!dbc_lexer_digits(&p->lexer, &span) ||
        parse_u64(span.text, span.length, UINT32_MAX, &number) < 0) {
        dbc_parser_warn(p, at, "a message id is expected");
        return NULL;
    }
    if (number == DBC_PSEUDO_ID || p->muted) {
        return NULL;
    }
    uint32_t id;
    bool extended;
    (void)dbc_section_can_id(number, &id, &extended);
    struct dbc_draft_message *message =
        dbc_draft_find_message(p->draft, id | (extended ? DBC_INDEX_EXTENDED : 0));
    if (message == NULL) {
        dbc_parser_warn(p, at, "no message has the id %" PRIu64, number);
    }
    return message;
}

bool dbc_parser_signal(struct dbc_parser *p, const struct dbc_draft_message *message,
                       struct dbc_draft_signal **ret_signal)
{
    struct dbc_position at = dbc_parser_here(p);
    struct dbc_span span;
    if (!read_name(p, &span)) {
        return false;
    }
    *ret_signal = NULL;
    if (message == NULL || p->muted) {
        return true;
    }
    char name[NAME_MAX_BYTES + 1];
    memcpy(name, span.text, span.length);
    name[span.length] = '\0';
    *ret_signal = dbc_draft_next_signal(message, name, NULL);
    if (*ret_signal == NULL) {
        dbc_parser_warn(p, at, "message '%s' has no signal '%s'", message->message.name, name);
    }
    return true;
}

static void skip_line(struct dbc_parser *p)
{
    dbc_lexer_skip_line(&p->lexer);
}

/* NS_ : then one keyword per line, none of which begins a section. */
static void read_new_symbols(struct dbc_parser *p)
{
    (void)dbc_lexer_char(&p->lexer, ':');
    for (;;) {
        struct dbc_lexer before = p->lexer;
        struct dbc_span word;
        bool new_line = dbc_lexer_skip_space(&p->lexer);
        bool alone =
            dbc_lexer_word(&p->lexer, &word) && !(new_line && dbc_lexer_skip_blanks(&p->lexer));
        if (!alone || (p->lexer.at < p->lexer.end && *p->lexer.at == ':')) {
            p->lexer = before;
            return;
        }
    }
}

/* BU_: names, perhaps on several lines. Nothing here needs them. */
static void read_nodes(struct dbc_parser *p)
{
    struct dbc_span word;
    (void)dbc_lexer_char(&p->lexer, ':');
    for (;;) {
        bool new_line = dbc_lexer_skip_space(&p->lexer);
        if (new_line && dbc_parser_at_section(p)) {
            return;
        }
        if (!dbc_lexer_word(&p->lexer, &word) && !dbc_lexer_char(&p->lexer, ',')) {
            (void)dbc_lexer_char(&p->lexer, ';');
            return;
        }
    }
}

static void read_version(struct dbc_parser *p)
{
    const char *text;
    if (dbc_lexer_skip_blanks(&p->lexer)) {
        (void)dbc_parser_string(p, &text);
    }
    (void)dbc_lexer_char(&p->lexer, ';');
}

#define KEYWORD(text) text, sizeof(text) - 1

static const struct section sections[] = {
    {KEYWORD("VERSION"), DBC_PASS_DEFINE, read_version},
    {KEYWORD("NS_"), DBC_PASS_DEFINE, read_new_symbols},
    {KEYWORD("BS_"), DBC_PASS_DEFINE, skip_line},
    {KEYWORD("BU_"), DBC_PASS_DEFINE, read_nodes},
    {KEYWORD("BO_"), DBC_PASS_DEFINE, dbc_section_message},
    {KEYWORD("SG_"), DBC_PASS_DEFINE, dbc_section_signal},
    {KEYWORD("VAL_TABLE_"), DBC_PASS_DEFINE, dbc_section_value_table},
    {KEYWORD("BA_DEF_"), DBC_PASS_DEFINE, dbc_section_attribute_definition},
    {KEYWORD("BA_DEF_DEF_"), DBC_PASS_DESCRIBE, dbc_section_attribute_default},
    {KEYWORD("BA_"), DBC_PASS_DESCRIBE, dbc_section_attribute},
    {KEYWORD("VAL_"), DBC_PASS_DESCRIBE, dbc_section_values},
    {KEYWORD("CM_"), DBC_PASS_DESCRIBE, dbc_section_comment},
    {KEYWORD("SIG_VALTYPE_"), DBC_PASS_DESCRIBE, dbc_section_value_type},
    {KEYWORD("SG_MUL_VAL_"), DBC_PASS_DESCRIBE, dbc_section_multiplexing},
    {KEYWORD("BO_TX_BU_"), DBC_PASS_DESCRIBE, dbc_section_transmitters},
    {KEYWORD("SIG_GROUP_"), DBC_PASS_DESCRIBE, dbc_section_group},
    {KEYWORD("EV_"), DBC_PASS_DEFINE, dbc_section_variable},
    {KEYWORD("ENVVAR_DATA_"), DBC_PASS_DESCRIBE, dbc_section_variable_data},
    /* Known, but no stage of the gateway needs them. */
    {KEYWORD("EV_DATA_"), DBC_PASS_DEFINE, dbc_parser_skip_statement},
    {KEYWORD("SGTYPE_"), DBC_PASS_DEFINE, dbc_parser_skip_statement},
    {KEYWORD("SGTYPE_VAL_"), DBC_PASS_DEFINE, dbc_parser_skip_statement},
    {KEYWORD("SIG_TYPE_REF_"), DBC_PASS_DEFINE, dbc_parser_skip_statement},
    {KEYWORD("SIGTYPE_VALTYPE_"), DBC_PASS_DEFINE, dbc_parser_skip_statement},
    {KEYWORD("BA_DEF_SGTYPE_"), DBC_PASS_DEFINE, dbc_parser_skip_statement},
    {KEYWORD("BA_SGTYPE_"), DBC_PASS_DEFINE, dbc_parser_skip_statement},
    {KEYWORD("BA_DEF_REL_"), DBC_PASS_DEFINE, dbc_parser_skip_statement},
    {KEYWORD("BA_DEF_DEF_REL_"), DBC_PASS_DEFINE, dbc_parser_skip_statement},
    {KEYWORD("BA_REL_"), DBC_PASS_DEFINE, dbc_parser_skip_statement},
    {KEYWORD("BU_SG_REL_"), DBC_PASS_DEFINE, dbc_parser_skip_statement},
    {KEYWORD("BU_EV_REL_"), DBC_PASS_DEFINE, dbc_parser_skip_statement},
    {KEYWORD("BU_BO_REL_"), DBC_PASS_DEFINE, dbc_parser_skip_statement},
    {KEYWORD("NS_DESC_"), DBC_PASS_DEFINE, dbc_parser_skip_statement},
    {KEYWORD("CAT_DEF_"), DBC_PASS_DEFINE, dbc_parser_skip_statement},
    {KEYWORD("CAT_"), DBC_PASS_DEFINE, dbc_parser_skip_statement},
    {KEYWORD("FILTER"), DBC_PASS_DEFINE, dbc_parser_skip_statement},
};

static const struct section *find_section(const char *keyword, size_t length)
{
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        if (sections[i].length == length && memcmp(sections[i].keyword, keyword, length) == 0) {
            return &sections[i];
        }
    }
    return NULL;
}

/* "B0_" and "bo_" are meant to be BO_. */
static const struct section *guess_section(struct dbc_span word)
{
    char keyword[KEYWORD_MAX_BYTES];
    if (word.length > sizeof(keyword) || word.length < 3 || word.text[word.length - 1] != '_') {
        return find_section(word.text, word.length);
    }
    for (size_t i = 0; i < word.length; i++) {
        char c = word.text[i];
        keyword[i] = c == '0' ? 'O' : c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    return find_section(keyword, word.length);
}

bool dbc_parser_at_section(struct dbc_parser *p)
{
    struct dbc_lexer ahead = p->lexer;
    struct dbc_span word;
    return dbc_lexer_word(&ahead, &word) && guess_section(word) != NULL;
}

bool dbc_parser_list_goes_on(struct dbc_parser *p)
{
    bool new_line = dbc_lexer_skip_space(&p->lexer);
    while (dbc_lexer_char(&p->lexer, ',')) {
        new_line = dbc_lexer_skip_space(&p->lexer);
    }
    return !(new_line && dbc_parser_at_section(p));
}

void dbc_parser_skip_statement(struct dbc_parser *p)
{
    struct dbc_lexer *lexer = &p->lexer;
    struct dbc_span span;
    while (!dbc_lexer_char(lexer, ';') && lexer->at < lexer->end) {
        if (!dbc_parser_quoted(p, &span) && !dbc_lexer_word(lexer, &span)) {
            lexer->at++;
        }
        if (dbc_lexer_skip_space(lexer) && dbc_parser_at_section(p)) {
            return;
        }
    }
}

void dbc_parser_end(struct dbc_parser *p)
{
    struct dbc_position at = dbc_lexer_token_end(&p->lexer);
    bool new_line = dbc_lexer_skip_space(&p->lexer);
    if (dbc_lexer_char(&p->lexer, ';')) {
        return;
    }
    if (p->lexer.at == p->lexer.end || (new_line && dbc_parser_at_section(p))) {
        dbc_parser_warn(p, at, "missing ';'");
        return;
    }
    dbc_parser_warn(p, dbc_lexer_position(&p->lexer), "unexpected text before ';' is skipped");
    dbc_parser_skip_statement(p);
}

static void read_unknown(struct dbc_parser *p, struct dbc_position at, struct dbc_span word)
{
    p->muted = p->pass != DBC_PASS_DEFINE;
    bool keyword = word.length > 1 && word.text[word.length - 1] == '_' && isupper(word.text[0]);
    if (keyword) {
        dbc_parser_warn(p, at, "unknown section '%.*s' is skipped", dbc_parser_shown(word),
                        word.text);
        dbc_parser_skip_statement(p);
    } else {
        dbc_parser_warn(p, at, "unexpected '%.*s': the line is skipped", dbc_parser_shown(word),
                        word.text);
        skip_line(p);
    }
}

static void read_statement(struct dbc_parser *p)
{
    struct dbc_position at = dbc_parser_here(p);
    const struct dbc_lexer before = p->lexer;
    struct dbc_span word;
    if (!dbc_lexer_word(&p->lexer, &word)) {
        if (!dbc_lexer_char(&p->lexer, ';')) {
            read_unknown(p, at, (struct dbc_span){p->lexer.at, 1});
        }
        return;
    }
    const struct section *section = find_section(word.text, word.length);
    if (section == NULL) {
        section = guess_section(word);
        if (section == NULL) {
            read_unknown(p, at, word);
            return;
        }
        p->muted = p->pass != section->pass;
        dbc_parser_warn(p, at, "'%.*s' is read as '%s'", (int)word.length, word.text,
                        section->keyword);
    }
    p->muted = p->pass != section->pass;
    if (section->pass == DBC_PASS_DESCRIBE && !p->has_second_pass) {
        p->second_pass = before;
        p->has_second_pass = true;
    }
    section->read(p);
}

/* From the cursor to the end. */
static void read_all(struct dbc_parser *p)
{
    (void)dbc_lexer_skip_space(&p->lexer);
    while (p->lexer.at < p->lexer.end) {
        read_statement(p);
        (void)dbc_lexer_skip_space(&p->lexer);
    }
}

/* Whether some line begins a section, or nothing is there at all: a picture or a diary would only
 * give a flood of warnings. */
static bool looks_like_dbc(const char *text, size_t length)
{
    struct dbc_lexer lexer;
    struct dbc_span word;
    dbc_lexer_init(&lexer, text, length);
    (void)dbc_lexer_skip_space(&lexer);
    bool empty = lexer.at == lexer.end;
    while (lexer.at < lexer.end) {
        if (dbc_lexer_word(&lexer, &word) && guess_section(word) != NULL) {
            return true;
        }
        dbc_lexer_skip_line(&lexer);
        (void)dbc_lexer_skip_space(&lexer);
    }
    return empty;
}

int dbc_parse(struct dbc_draft *draft, const char *file, const char *text, size_t length,
              struct diagnostics *diagnostics)
{
    struct dbc_parser p = {.draft = draft, .diagnostics = diagnostics, .file = file};
    p.pass = DBC_PASS_DEFINE;
    if (!looks_like_dbc(text, length)) {
        return -EINVAL;
    }
    dbc_lexer_init(&p.lexer, text, length);
    read_all(&p);
    if (p.has_second_pass) {
        p.pass = DBC_PASS_DESCRIBE;
        p.lexer = p.second_pass;
        read_all(&p);
    }
    return draft->failed || draft->arena->failed ? -ENOMEM : 0;
}
