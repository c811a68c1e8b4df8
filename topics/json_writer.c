#include "topics/json_writer.h"
#include "topics/json_number.h"

#include <math.h>
#include <string.h>

void json_string_n(struct json_writer *w, const char *key, const char *text, size_t length)
{
    json_core_value(w, key);
    json_core_append_quoted(w, text, length);
}

void json_string(struct json_writer *w, const char *key, const char *text)
{
    json_string_n(w, key, text, strlen(text));
}

void json_number_text(struct json_writer *w, const char *key, const char *text, size_t length)
{
    if (!json_number_is_valid(text, length)) {
        w->misused = true;
        return;
    }
    json_core_value(w, key);
    json_core_append(w, text, length);
}

void json_i64(struct json_writer *w, const char *key, int64_t value)
{
    char text[JSON_NUMBER_TEXT_SIZE];
    size_t length = json_number_from_i64(text, value);
    json_core_value(w, key);
    json_core_append(w, text, length);
}

void json_u64(struct json_writer *w, const char *key, uint64_t value)
{
    char text[JSON_NUMBER_TEXT_SIZE];
    size_t length = json_number_from_u64(text, value);
    json_core_value(w, key);
    json_core_append(w, text, length);
}

void json_double(struct json_writer *w, const char *key, double value)
{
    if (!isfinite(value)) {
        json_null(w, key);
        return;
    }
    char text[JSON_NUMBER_TEXT_SIZE];
    size_t length = json_number_from_double(text, value);
    json_core_value(w, key);
    json_core_append(w, text, length);
}

void json_bool(struct json_writer *w, const char *key, bool value)
{
    json_core_value(w, key);
    json_core_append(w, value ? "true" : "false", value ? 4 : 5);
}

void json_null(struct json_writer *w, const char *key)
{
    json_core_value(w, key);
    json_core_append(w, "null", 4);
}

void json_time_us(struct json_writer *w, const char *key, int64_t us)
{
    char text[JSON_NUMBER_TEXT_SIZE];
    size_t length = json_number_from_time_us(text, us);
    json_core_value(w, key);
    json_core_append(w, text, length);
}

void json_string_if(struct json_writer *w, const char *key, const char *text)
{
    if (text != NULL) {
        json_string(w, key, text);
    }
}

void json_time_us_if(struct json_writer *w, const char *key, int64_t us)
{
    if (us > 0) {
        json_time_us(w, key, us);
    }
}
