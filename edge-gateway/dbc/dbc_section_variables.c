#include "edge-gateway/dbc/dbc_section_variables.h"

#include "common/parse.h"

#include <string.h>

#define VARIABLES_MAX 4096 /* they are found one by one */
#define RIGHTS_PREFIX "DUMMY_NODE_VECTOR"
#define RIGHTS_TEXT   0x8000u /* whatever the type says */

const char *dbc_variable_type_text(enum dbc_variable_type type)
{
    static const char *const texts[] = {
        [DBC_VARIABLE_INTEGER] = "integer",
        [DBC_VARIABLE_FLOAT] = "float",
        [DBC_VARIABLE_TEXT] = "text",
        [DBC_VARIABLE_DATA] = "data",
    };
    _Static_assert(sizeof(texts) / sizeof(texts[0]) == DBC_VARIABLE_TYPE_COUNT,
                   "one text per type");
    return texts[type];
}

static struct dbc_variable *find(const struct dbc_draft *draft, const char *name)
{
    struct dbc_variable *variable = draft->variables;
    while (variable != NULL && strcmp(variable->name, name) != 0) {
        variable = variable->next;
    }
    return variable;
}

struct dbc_variable *dbc_section_find_variable(struct dbc_parser *p, struct dbc_position at,
                                               const char *name)
{
    if (p->muted) {
        return NULL;
    }
    struct dbc_variable *variable = find(p->draft, name);
    if (variable == NULL) {
        dbc_parser_warn(p, at, "no environment variable '%s'", name);
    }
    return variable;
}

static void read_type(struct dbc_parser *p, struct dbc_variable *variable)
{
    static const enum dbc_variable_type types[] = {DBC_VARIABLE_INTEGER, DBC_VARIABLE_FLOAT,
                                                   DBC_VARIABLE_TEXT};
    struct dbc_position at = dbc_parser_here(p);
    struct dbc_span word;
    uint64_t number;
    if (dbc_lexer_word(&p->lexer, &word) &&
        parse_u64(word.text, word.length, sizeof(types) / sizeof(types[0]) - 1, &number) == 0) {
        variable->type = types[number];
    } else {
        dbc_parser_warn(p, at, "the type of environment variable '%s' is none of 0, 1 and 2",
                        variable->name);
    }
}

/* DUMMY_NODE_VECTOR8000 A,B - who may use it; all that matters is a type inside the rights. */
static void read_rights(struct dbc_parser *p, struct dbc_variable *variable)
{
    const size_t prefix = strlen(RIGHTS_PREFIX);
    struct dbc_span word;
    uint64_t rights;
    while (dbc_parser_list_goes_on(p) && dbc_lexer_word(&p->lexer, &word)) {
        if (word.length > prefix && memcmp(word.text, RIGHTS_PREFIX, prefix) == 0 &&
            parse_hex_u64(word.text + prefix, word.length - prefix, UINT32_MAX, &rights) == 0 &&
            (rights & RIGHTS_TEXT) != 0) {
            variable->type = DBC_VARIABLE_TEXT;
        }
    }
}

static void keep(struct dbc_parser *p, struct dbc_position at, const struct dbc_variable *variable)
{
    struct dbc_draft *draft = p->draft;
    const struct dbc_variable *first = find(draft, variable->name);
    if (first != NULL) {
        dbc_parser_warn(p, at, "environment variable '%s' is there already, in line %u: skipped",
                        variable->name, first->line);
        return;
    }
    if (draft->variable_count == VARIABLES_MAX) {
        dbc_parser_warn(p, at, "more than %d environment variables: '%s' is skipped", VARIABLES_MAX,
                        variable->name);
        return;
    }
    struct dbc_variable *copy = dbc_arena_alloc(draft->arena, 1, sizeof(*copy));
    if (copy != NULL) {
        *copy = *variable;
        *draft->variables_end = copy;
        draft->variables_end = &copy->next;
        draft->variable_count++;
    }
}

void dbc_section_variable(struct dbc_parser *p)
{
    struct dbc_position at = dbc_parser_here(p);
    struct dbc_variable variable = {
        .unit = "", .comment = "", .file = p->file, .line = at.line, .type = DBC_VARIABLE_INTEGER};
    struct decimal id;
    if (!dbc_parser_name(p, &variable.name)) {
        dbc_parser_warn(p, at, "an environment variable needs a name");
        dbc_parser_skip_statement(p);
        return;
    }
    dbc_parser_expect(p, ':');
    read_type(p, &variable);
    dbc_parser_range(p, &variable.minimum, &variable.maximum);
    struct dbc_position unit_at = dbc_parser_here(p);
    if (!dbc_parser_string(p, &variable.unit)) {
        dbc_parser_warn(p, unit_at, "the unit is missing");
    }
    (void)dbc_parser_number(p, &variable.start);
    (void)dbc_parser_number(p, &id);
    read_rights(p, &variable);
    dbc_parser_end(p);
    if (!p->muted) {
        keep(p, at, &variable);
    }
}

void dbc_section_variable_data(struct dbc_parser *p)
{
    struct dbc_position at = dbc_parser_here(p);
    const char *name = "";
    struct dbc_span digits;
    uint64_t size = 0;
    (void)dbc_parser_name(p, &name);
    struct dbc_variable *variable = dbc_section_find_variable(p, at, name);
    dbc_parser_expect(p, ':');
    if (!dbc_lexer_digits(&p->lexer, &digits) ||
        parse_u64(digits.text, digits.length, UINT32_MAX, &size) < 0) {
        dbc_parser_warn(p, at, "the size of environment variable '%s' is no number of bytes", name);
    }
    dbc_parser_end(p);
    if (variable != NULL) {
        variable->type = DBC_VARIABLE_DATA;
        variable->size_bytes = (uint32_t)size;
    }
}
