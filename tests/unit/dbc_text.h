/* A DBC text inside a test, as a database and its diagnostics. */
#ifndef EDGE_TESTS_UNIT_DBC_TEXT_H
#define EDGE_TESTS_UNIT_DBC_TEXT_H

#include "edge-gateway/dbc/dbc.h"

#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>

#define DBC_TEXT_NOTES_MAX 4096

struct dbc_text {
    struct dbc_database *db;
    int result;                     /* of dbc_load_text() */
    char notes[DBC_TEXT_NOTES_MAX]; /* "line:column: text\n" of every diagnostic */
};

static inline void dbc_text_add(struct dbc_text *t, const char *file, const char *text)
{
    struct diagnostics *d = diagnostics_new(0);
    t->result = dbc_load_text(t->db, file, text, strlen(text), d);
    size_t used = 0;
    t->notes[0] = '\0';
    for (size_t i = 0; i < diagnostics_kept(d); i++) {
        const struct diagnostic *note = diagnostics_at(d, i);
        used += (size_t)snprintf(t->notes + used, sizeof(t->notes) - used, "%u:%u: %s\n",
                                 note->line, note->column, note->message);
        assert_true(used < sizeof(t->notes));
    }
    diagnostics_free(d);
}

static inline void dbc_text_init(struct dbc_text *t, const char *text)
{
    t->db = dbc_new();
    assert_non_null(t->db);
    dbc_text_add(t, "test.dbc", text);
}

static inline void dbc_text_deinit(struct dbc_text *t)
{
    dbc_free(t->db);
}

static inline const struct dbc_signal *dbc_text_signal(const struct dbc_text *t,
                                                       const char *message, const char *signal)
{
    const struct dbc_message *m = dbc_find_by_name(t->db, message);
    assert_non_null(m);
    const struct dbc_signal *s = dbc_find_signal(m, signal);
    assert_non_null(s);
    return s;
}

#endif
