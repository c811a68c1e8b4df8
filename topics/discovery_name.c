#include "topics/discovery_name.h"

#include <string.h>

#define COMMENT_NAME_MAX_BYTES 40
#define SHORT_WORD_BYTES       3 /* of capitals only: rather an abbreviation than a word */

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Bytes of UTF-8 characters beyond ASCII count as letters without case. */
static bool is_word(char c)
{
    return is_upper(c) || is_lower(c) || is_digit(c) || ((unsigned char)c & 0x80) != 0;
}

static char to_lower(char c)
{
    return is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

static char to_upper(char c)
{
    return is_lower(c) ? (char)(c - 'a' + 'A') : c;
}

static bool has_lower(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (is_lower(text[i])) {
            return true;
        }
    }
    return false;
}

/* A word ends before a capital that follows a small letter or a digit that is no part of an
 * abbreviation (airTemperature), or that begins a word itself (CANBus: before the B). */
static bool ends_before(const char *c)
{
    if (!is_word(*c)) {
        return true;
    }
    if (is_digit(*c)) {
        return is_lower(c[-1]); /* "Probe1", but not "CO2" */
    }
    if (!is_upper(*c)) {
        return false;
    }
    return is_lower(c[-1]) || (is_digit(c[-1]) && is_lower(c[1])) ||
           (is_upper(c[-1]) && is_lower(c[1]));
}

static size_t word_length(const char *word)
{
    const char *end = word + 1;
    while (!ends_before(end)) {
        end++;
    }
    return (size_t)(end - word);
}

/* Capitals stay where they are an abbreviation; in a name that is all capitals only short words
 * and those with digits are taken for one. */
static bool keeps_capitals(const char *word, size_t length, bool shouting)
{
    if (has_lower(word, length)) {
        return false;
    }
    bool has_digit = false;
    for (size_t i = 0; i < length; i++) {
        has_digit = has_digit || is_digit(word[i]);
    }
    return !shouting || has_digit || length <= SHORT_WORD_BYTES;
}

static void put_word(char *to, const char *word, size_t length, bool is_first, bool keep)
{
    for (size_t i = 0; i < length; i++) {
        to[i] = keep ? word[i] : to_lower(word[i]);
    }
    if (is_first) {
        to[0] = to_upper(to[0]);
    }
}

void discovery_name(const char *identifier, char *name, size_t size)
{
    bool shouting = !has_lower(identifier, strlen(identifier));
    size_t length = 0;
    for (const char *c = identifier; *c != '\0';) {
        if (!is_word(*c)) {
            c++;
            continue;
        }
        size_t bytes = word_length(c);
        size_t gap = length > 0 ? 1 : 0;
        if (length + gap + bytes >= size) {
            break;
        }
        if (gap > 0) {
            name[length] = ' ';
        }
        put_word(name + length + gap, c, bytes, length == 0, keeps_capitals(c, bytes, shouting));
        length += gap + bytes;
        c += bytes;
    }
    if (length == 0 && strlen(identifier) < size) {
        length = strlen(identifier);
        memcpy(name, identifier, length);
    }
    name[length] = '\0';
}

bool discovery_comment_is_name(const char *comment)
{
    size_t length = strlen(comment);
    return length >= 3 && length <= COMMENT_NAME_MAX_BYTES &&
           (is_upper(comment[0]) || is_lower(comment[0])) && strchr(comment, ' ') != NULL &&
           strpbrk(comment, ".,;:!?()[]{}=\"\\/<>\t\r\n") == NULL && comment[length - 1] != ' ';
}

const char *discovery_name_within(char *name, const char *device)
{
    size_t length = strlen(device);
    for (size_t i = 0; i < length; i++) {
        if (name[i] == '\0' || to_lower(name[i]) != to_lower(device[i])) {
            return name;
        }
    }
    if (length == 0 || name[length] != ' ' || name[length + 1] == '\0') {
        return name;
    }
    name[length + 1] = to_upper(name[length + 1]);
    return name + length + 1;
}
