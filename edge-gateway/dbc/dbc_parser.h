/*
 * Reads the text of one DBC file into a draft. Two passes over the text: the first defines
 * messages, signals and attributes, the second applies what describes them (VAL_, CM_, BA_, ...),
 * so that the order of sections in the file does not matter. Internal to the DBC engine.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_PARSER_H
#define EDGE_GATEWAY_DBC_DBC_PARSER_H

#include "common/attributes.h"
#include "common/diagnostics.h"
#include "edge-gateway/dbc/dbc_draft.h"
#include "edge-gateway/dbc/dbc_lexer.h"

enum dbc_pass {
    DBC_PASS_DEFINE,
    DBC_PASS_DESCRIBE
};

struct dbc_parser {
    struct dbc_lexer lexer;
    struct dbc_draft *draft;
    struct diagnostics *diagnostics;
    const char *file;
    enum dbc_pass pass;
    bool muted; /* the section belongs to the other pass: read it, but neither warn nor apply */
    struct dbc_draft_message *current; /* of the last BO_, NULL if that is not kept */
    bool in_pseudo;  /* inside VECTOR__INDEPENDENT_SIG_MSG, whose signals are in no frame */
    size_t sections; /* known ones met */
};

/* 0, -EINVAL when nothing in it looks like a DBC, -ENOMEM. */
EDGE_MUST_CHECK int dbc_parse(struct dbc_draft *draft, const char *file, const char *text,
                              size_t length, struct diagnostics *diagnostics);

/* For the section readers (dbc_sections.h): */

struct dbc_position dbc_parser_here(struct dbc_parser *p); /* of the next token */
void dbc_parser_warn(struct dbc_parser *p, struct dbc_position at, const char *format, ...)
    EDGE_PRINTF(3, 4);

/* How many bytes of a word from the file a warning repeats. */
int dbc_parser_shown(struct dbc_span word);

/* Whether the next word, on a new line, begins a statement. */
bool dbc_parser_at_section(struct dbc_parser *p);

/* Takes the character, or warns that it is missing and goes on. */
void dbc_parser_expect(struct dbc_parser *p, char c);

/* Takes the final ';'; warns when it is missing, skips and warns when something stands before it.
 */
void dbc_parser_end(struct dbc_parser *p);
void dbc_parser_skip_statement(struct dbc_parser *p);

/* Each returns false and leaves *ret when the token is not there. Texts live in the arena. */
bool dbc_parser_name(struct dbc_parser *p, const char **ret);
bool dbc_parser_string(struct dbc_parser *p, const char **ret);
bool dbc_parser_comment(struct dbc_parser *p, const char **ret); /* forgives quotes inside */

/* A number, else `*ret` stays; warns when it is missing. */
bool dbc_parser_number(struct dbc_parser *p, struct decimal *ret);

/* The message an id in the file refers to; NULL, with a warning, when it is not there. */
struct dbc_draft_message *dbc_parser_message(struct dbc_parser *p);

/* The first signal of that name in the message; NULL, with a warning, when it is not there. */
struct dbc_draft_signal *dbc_parser_signal(struct dbc_parser *p, struct dbc_position at,
                                           const struct dbc_draft_message *message,
                                           const char *name);

#endif
