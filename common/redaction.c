#include "common/redaction.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct secret {
    char *text;
    size_t length;
};

struct redaction {
    struct secret *secrets;
    size_t count;
};

/* What is left of a line. */
struct cursor {
    const char *at;
    const char *end;
};

/* ---- secrets ---------------------------------------------------------------------------- */

static int keep(struct redaction *r, const char *text, size_t length)
{
    struct secret *secrets = realloc(r->secrets, (r->count + 1) * sizeof(*secrets));
    if (secrets == NULL) {
        return -ENOMEM;
    }
    r->secrets = secrets;
    char *copy = strndup(text, length);
    if (copy == NULL) {
        return -ENOMEM;
    }
    r->secrets[r->count++] = (struct secret){copy, length};
    return 0;
}

/* As JSON, and YAML in double quotes, write it. */
static int keep_escaped(struct redaction *r, const char *secret)
{
    struct buf escaped;
    buf_init(&escaped, 8 * strlen(secret) + 1);
    for (const char *c = secret; *c != '\0'; c++) {
        buf_printf(&escaped, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
    }
    int result = buf_ok(&escaped) ? keep(r, escaped.data, escaped.length) : -ENOMEM;
    if (escaped.data != NULL) {
        explicit_bzero(escaped.data, escaped.length);
    }
    buf_deinit(&escaped);
    return result;
}

int redaction_add(struct redaction *redaction, const char *secret)
{
    size_t length = strlen(secret);
    if (length < REDACTION_SECRET_MIN_BYTES) {
        return 0;
    }
    int r = keep(redaction, secret, length);
    return r == 0 && strpbrk(secret, "\"\\") != NULL ? keep_escaped(redaction, secret) : r;
}

/* Bytes of the longest secret that begins here; 0: none does. */
static size_t secret_at(const struct redaction *r, const struct cursor *c)
{
    size_t longest = 0;
    size_t left = (size_t)(c->end - c->at);
    for (size_t i = 0; i < r->count; i++) {
        const struct secret *s = &r->secrets[i];
        if (s->length > longest && s->length <= left && memcmp(c->at, s->text, s->length) == 0) {
            longest = s->length;
        }
    }
    return longest;
}

/* ---- what looks like one ---------------------------------------------------------------- */

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

static bool ends_value(char c)
{
    return isspace((unsigned char)c) || strchr("\"',;&)}]", c) != NULL;
}

static const char *skip(const char *at, const char *end, const char *characters)
{
    while (at < end && *at != '\0' && strchr(characters, *at) != NULL) {
        at++;
    }
    return at;
}

/* Where a value ends: at its quote, or, without one, at what separates values. */
static const char *end_of_value(const char *at, const char *end, char quote)
{
    while (at < end && (quote != '\0' ? *at != quote : !ends_value(*at))) {
        at += *at == '\\' && at + 1 < end ? 2 : 1;
    }
    return at;
}

/* Behind `password`, `access_token` and so on: where the value begins and ends. False: there is
 * none. */
static bool find_value(const char *at, const char *end, const char **ret_begin,
                       const char **ret_end)
{
    at = skip(at, end, "\"' ");
    if (at == end || (*at != ':' && *at != '=')) {
        return false;
    }
    at = skip(at + 1, end, " ");
    char quote = at < end && (*at == '"' || *at == '\'') ? *at : '\0';
    at += quote != '\0' ? 1 : 0;
    *ret_begin = at;
    *ret_end = end_of_value(at, end, quote);
    return *ret_end > at;
}

/* Bytes of a word for a secret that begins here, with what else belongs to the word. */
static size_t telling_word_at(const struct cursor *c)
{
    static const char *const words[] = {"password", "passwd", "passphrase", "secret",    "token",
                                        "api_key",  "apikey", "api-key",    "credential"};
    size_t left = (size_t)(c->end - c->at);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t length = strlen(words[i]);
        if (length <= left && strncasecmp(c->at, words[i], length) == 0) {
            while (length < left && is_word(c->at[length])) {
                length++;
            }
            return length;
        }
    }
    return 0;
}

/* Bytes of "user:password" in "://user:password@"; 0: there is none here. */
static size_t userinfo_at(const struct cursor *c)
{
    const char *at = c->at;
    bool has_password = false;
    while (at < c->end && *at != '@' && *at != '/' && !isspace((unsigned char)*at) && *at != '"') {
        has_password = has_password || *at == ':';
        at++;
    }
    return at < c->end && *at == '@' && has_password ? (size_t)(at - c->at) : 0;
}

/* ---- a line ----------------------------------------------------------------------------- */

static void copy(struct cursor *c, size_t length, struct buf *out)
{
    buf_append(out, c->at, length);
    c->at += length;
}

static void mask(struct cursor *c, size_t length, struct buf *out)
{
    buf_puts(out, REDACTION_MASK);
    c->at += length;
}

/* Takes one step of the line. */
static void take_step(const struct redaction *r, struct cursor *c, struct buf *out)
{
    const char *begin;
    const char *end;
    size_t length = secret_at(r, c);
    if (length > 0) {
        mask(c, length, out);
        return;
    }
    length = telling_word_at(c);
    if (length > 0 && find_value(c->at + length, c->end, &begin, &end)) {
        copy(c, (size_t)(begin - c->at), out);
        mask(c, (size_t)(end - begin), out);
        return;
    }
    if (c->end - c->at > 3 && memcmp(c->at, "://", 3) == 0) {
        copy(c, 3, out);
        length = userinfo_at(c);
        if (length > 0) {
            mask(c, length, out);
        }
        return;
    }
    copy(c, 1, out);
}

void redaction_apply(const struct redaction *redaction, const char *line, size_t length,
                     struct buf *out)
{
    struct cursor c = {line, line + length};
    while (c.at < c.end) {
        take_step(redaction, &c, out);
    }
}

/* ---- beginning and end ------------------------------------------------------------------ */

int redaction_new(struct redaction **ret)
{
    struct redaction *r = calloc(1, sizeof(*r));
    if (r == NULL) {
        return -ENOMEM;
    }
    *ret = r;
    return 0;
}

void redaction_free(struct redaction *redaction)
{
    if (redaction == NULL) {
        return;
    }
    for (size_t i = 0; i < redaction->count; i++) {
        explicit_bzero(redaction->secrets[i].text, redaction->secrets[i].length);
        free(redaction->secrets[i].text);
    }
    free(redaction->secrets);
    free(redaction);
}
