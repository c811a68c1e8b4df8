/* Lines of a log in tables, each with the legend of what it shows, for every form of log alike. */
#ifndef EDGE_TESTS_UNIT_LOG_CASE_H
#define EDGE_TESTS_UNIT_LOG_CASE_H

#include "edge-gateway/can/log_line.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct log_case {
    const char *legend;
    const char *before; /* lines of the log before it, each with its newline */
    const char *line;
    enum log_result result; /* what follows is of a frame */
    int64_t ts_us;
    const char *bus;
    uint32_t can_id;
    unsigned flags;
    const char *data; /* in hexadecimal, "R4": a remote request for four bytes */
};

/* A parser whose state is all zero at the beginning of a log. */
struct log_case_parser {
    enum log_result (*parse)(void *state, const char *line, size_t length, struct log_line *ret);
    void *state;
    size_t state_size;
};

static inline void log_case_begin(const struct log_case_parser *parser, const char *before)
{
    struct log_line line;
    memset(parser->state, 0, parser->state_size);
    for (const char *end; before != NULL && (end = strchr(before, '\n')) != NULL;
         before = end + 1) {
        (void)parser->parse(parser->state, before, (size_t)(end - before), &line);
    }
}

/* Parses a copy behind which nothing may be read. */
static inline enum log_result log_case_parse(const struct log_case_parser *parser, const char *line,
                                             size_t length, struct log_line *ret)
{
    char *exact = malloc(length > 0 ? length : 1);
    assert_non_null(exact);
    memcpy(exact, line, length);
    enum log_result result = parser->parse(parser->state, exact, length, ret);
    if (result == LOG_FRAME) {
        assert_true(ret->frame.len <= FRAME_DATA_MAX_BYTES);
        assert_true(ret->frame.can_id <= FRAME_ID_EXTENDED_MAX);
        assert_in_range(ret->bus_length, 1, LOG_BUS_MAX_BYTES);
        bool in_line = ret->bus >= exact && ret->bus < exact + length;
        ret->bus = in_line ? line + (ret->bus - exact) : ret->bus;
    }
    free(exact);
    return result;
}

static inline void log_case_data(const struct frame *frame, char *text, size_t size)
{
    text[0] = '\0';
    if ((frame->flags & FRAME_REMOTE) != 0) {
        (void)snprintf(text, size, "R%u", frame->len);
        return;
    }
    for (size_t i = 0; i < frame->len; i++) {
        (void)snprintf(text + 2 * i, size - 2 * i, "%02X", frame->data[i]);
    }
}

static inline void log_case_check(const struct log_case_parser *parser, const struct log_case *c)
{
    struct log_line line;
    char data[2 * FRAME_DATA_MAX_BYTES + 1];
    log_case_begin(parser, c->before);
    enum log_result result = log_case_parse(parser, c->line, strlen(c->line), &line);
    if (result != c->result) {
        fail_msg("%s: result %d", c->legend, (int)result);
    }
    if (result != LOG_FRAME) {
        return;
    }
    log_case_data(&line.frame, data, sizeof(data));
    if (line.frame.ts_us != c->ts_us || line.frame.can_id != c->can_id ||
        line.frame.flags != c->flags || strcmp(data, c->data) != 0 ||
        line.bus_length != strlen(c->bus) || memcmp(line.bus, c->bus, line.bus_length) != 0) {
        fail_msg("%s: %lld %.*s %x %x %s", c->legend, (long long)line.frame.ts_us,
                 (int)line.bus_length, line.bus, line.frame.can_id, line.frame.flags, data);
    }
}

/* Every beginning of the line, and the line with bytes that do not belong there. */
static inline void log_case_damage(const struct log_case_parser *parser, const struct log_case *c)
{
    struct log_line line;
    char garbled[512];
    size_t length = strlen(c->line);
    assert_true(length < sizeof(garbled));
    for (size_t cut = 0; cut < length; cut++) {
        log_case_begin(parser, c->before);
        (void)log_case_parse(parser, c->line, cut, &line);
    }
    for (int i = 0; i < 200; i++) {
        memcpy(garbled, c->line, length);
        for (int hits = rand() % 4; length > 0 && hits >= 0; hits--) {
            garbled[(size_t)rand() % length] = (char)(rand() % 256);
        }
        log_case_begin(parser, c->before);
        (void)log_case_parse(parser, garbled, length, &line);
    }
}

static inline void log_case_run(const struct log_case_parser *parser, const struct log_case *cases,
                                size_t count)
{
    srand(test_seed());
    for (size_t i = 0; i < count; i++) {
        log_case_check(parser, &cases[i]);
        log_case_damage(parser, &cases[i]);
    }
}

#endif
