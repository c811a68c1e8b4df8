#include "topics/payload_json.h"
#include "topics/limits.h"
#include "topics/utf8.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define US_PER_S 1e6

/* Where a text is being scanned. */
struct scan {
    const char *text;
    size_t length;
    size_t at;
    unsigned depth;
};

void payload_fail(struct payload_error *error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(error->text, sizeof(error->text), format, args);
    va_end(args);
    /* A cut in the middle of a character leaves a few bytes which are none. */
    size_t length = strlen(error->text);
    for (size_t at = 0, step; at < length; at += step) {
        step = utf8_char_bytes(error->text + at, length - at);
        if (step == 0 || !utf8_is_printable(error->text + at, step)) {
            error->text[at] = '?';
            step = 1;
        }
    }
}

static bool is_nul_escape(const struct scan *s)
{
    static const char escape[] = "\\u0000";
    return s->length - s->at >= sizeof(escape) - 1 &&
           memcmp(s->text + s->at, escape, sizeof(escape) - 1) == 0;
}

/* From the opening quote to behind the closing one. */
static int scan_string(struct scan *s, struct payload_error *reterr)
{
    for (s->at++; s->at < s->length && s->text[s->at] != '"';) {
        if (is_nul_escape(s)) {
            payload_fail(reterr, "a text with \\u0000 in it at byte %zu", s->at);
            return -EINVAL;
        }
        size_t step =
            s->text[s->at] == '\\' ? 2 : utf8_char_bytes(s->text + s->at, s->length - s->at);
        if (step == 0 || (unsigned char)s->text[s->at] < 0x20) {
            payload_fail(reterr, "a text with a control character or broken UTF-8 at byte %zu",
                         s->at);
            return -EINVAL;
        }
        s->at += step;
    }
    s->at++;
    return 0;
}

/* cJSON would stop at a NUL, follow a nesting of 1000, and pass control characters on. */
static int scan_text(const char *text, size_t length, struct payload_error *reterr)
{
    struct scan s = {.text = text, .length = length};
    while (s.at < length) {
        char c = text[s.at];
        if (c == '"') {
            int r = scan_string(&s, reterr);
            if (r < 0) {
                return r;
            }
            continue;
        }
        if (c == '{' || c == '[') {
            s.depth++;
        } else if ((c == '}' || c == ']') && s.depth > 0) {
            s.depth--;
        }
        if (c == '\0' || s.depth > PAYLOAD_DEPTH_MAX) {
            payload_fail(reterr, c == '\0' ? "a NUL at byte %zu" : "nested too deeply at byte %zu",
                         s.at);
            return -EINVAL;
        }
        s.at++;
    }
    return 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void payload_trim(const char **text, size_t *length)
{
    while (*length > 0 && is_blank((*text)[0])) {
        (*text)++;
        (*length)--;
    }
    while (*length > 0 && is_blank((*text)[*length - 1])) {
        (*length)--;
    }
}

static bool is_empty(const char *text, size_t length)
{
    payload_trim(&text, &length);
    return length == 0;
}

int payload_json_object(const char *text, size_t length, size_t max_bytes, cJSON **ret,
                        struct payload_error *reterr)
{
    if (length > max_bytes) {
        payload_fail(reterr, "longer than %zu bytes", max_bytes);
        return -EMSGSIZE;
    }
    int r = scan_text(text, length, reterr);
    if (r < 0) {
        return r;
    }
    const char *end = text;
    errno = 0;
    cJSON *document = cJSON_ParseWithLengthOpts(text, length, &end, false);
    if (document == NULL && errno == ENOMEM) { /* cJSON itself does not tell */
        payload_fail(reterr, "out of memory");
        return -ENOMEM;
    }
    if (document == NULL || !is_empty(end, (size_t)(text + length - end))) {
        payload_fail(reterr, "not JSON, at byte %zu", (size_t)(end - text));
        cJSON_Delete(document);
        return -EINVAL;
    }
    if (!cJSON_IsObject(document)) {
        payload_fail(reterr, "not a JSON object");
        cJSON_Delete(document);
        return -EINVAL;
    }
    *ret = document;
    return 0;
}

static bool is_listed(const char *name, const char *const *names)
{
    while (*names != NULL && strcmp(*names, name) != 0) {
        names++;
    }
    return *names != NULL;
}

static void fail_unknown(const char *name, const char *const *keys, struct payload_error *reterr)
{
    char known[PAYLOAD_ERROR_SIZE];
    size_t length = 0;
    for (; *keys != NULL && length < sizeof(known); keys++) {
        length += (size_t)snprintf(known + length, sizeof(known) - length, "%s%s",
                                   length > 0 ? ", " : "", *keys);
    }
    payload_fail(reterr, "unknown key '%s'; known are %s", name, known);
}

int payload_json_only(const cJSON *object, const char *const *keys, struct payload_error *reterr)
{
    for (const cJSON *item = object->child; item != NULL; item = item->next) {
        if (!is_listed(item->string, keys)) {
            fail_unknown(item->string, keys, reterr);
            return -EINVAL;
        }
    }
    return payload_json_distinct(object, reterr);
}

int payload_json_distinct(const cJSON *object, struct payload_error *reterr)
{
    size_t count = 0;
    for (const cJSON *item = object->child; item != NULL; item = item->next) {
        if (++count > PAYLOAD_SIGNALS_MAX) {
            payload_fail(reterr, "more than %d members", PAYLOAD_SIGNALS_MAX);
            return -EINVAL;
        }
        /* The first of that name is this very one. */
        if (cJSON_GetObjectItemCaseSensitive(object, item->string) != item) {
            payload_fail(reterr, "'%s' is there twice", item->string);
            return -EINVAL;
        }
    }
    return 0;
}

static int fail_type(const cJSON *item, const char *wanted, struct payload_error *reterr)
{
    payload_fail(reterr, "'%s' is not %s", item->string, wanted);
    return -EINVAL;
}

int payload_json_value(const cJSON *item, struct payload_value *ret, struct payload_error *reterr)
{
    struct payload_value value = {.type = PAYLOAD_NULL};
    if (cJSON_IsNumber(item)) {
        value.type = PAYLOAD_NUMBER;
        value.number = item->valuedouble;
        if (!isfinite(value.number)) {
            return fail_type(item, "a number that can be held", reterr);
        }
    } else if (cJSON_IsString(item)) {
        value.type = PAYLOAD_TEXT;
        value.text = item->valuestring;
        if (strlen(value.text) > PAYLOAD_TEXT_MAX_BYTES) {
            return fail_type(item, "a text of a legal length", reterr);
        }
    } else if (cJSON_IsBool(item)) {
        value.type = PAYLOAD_BOOL;
        value.truth = cJSON_IsTrue(item);
    } else if (!cJSON_IsNull(item)) {
        return fail_type(item, "a number, text or bool", reterr);
    }
    *ret = value;
    return 0;
}

int payload_json_text(const cJSON *object, const char *key, size_t max_bytes, const char **ret,
                      struct payload_error *reterr)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (item == NULL || cJSON_IsNull(item)) {
        *ret = NULL;
        return 0;
    }
    if (!cJSON_IsString(item) || item->valuestring[0] == '\0' ||
        strlen(item->valuestring) > max_bytes) {
        payload_fail(reterr, "'%s' is not a text of 1 to %zu bytes", key, max_bytes);
        return -EINVAL;
    }
    *ret = item->valuestring;
    return 0;
}

int payload_json_u64(const cJSON *object, const char *key, uint64_t min, uint64_t max,
                     uint64_t *ret, struct payload_error *reterr)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (item == NULL || cJSON_IsNull(item)) {
        return 0;
    }
    double value = cJSON_IsNumber(item) ? item->valuedouble : -1;
    if (!(value >= (double)min && value <= (double)max) || floor(value) != value) {
        payload_fail(reterr, "'%s' is not an integer from %llu to %llu", key,
                     (unsigned long long)min, (unsigned long long)max);
        return -EINVAL;
    }
    *ret = (uint64_t)value;
    return 0;
}

int payload_json_time_us(const cJSON *object, const char *key, int64_t *ret_us,
                         struct payload_error *reterr)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (item == NULL || cJSON_IsNull(item)) {
        return 0;
    }
    double seconds = cJSON_IsNumber(item) ? item->valuedouble : -1;
    if (!(seconds >= 0 && seconds <= (double)PAYLOAD_TIME_MAX_S)) {
        payload_fail(reterr, "'%s' is not a time in seconds since 1970", key);
        return -EINVAL;
    }
    /* A double holds seconds with an error below 0.25 us until the year 2106: rounding to the
     * nearest microsecond gives back the one that was written. */
    *ret_us = (int64_t)llround(seconds * US_PER_S);
    return 0;
}
