#include "topics/utf8.h"

#include <stdint.h>

static bool is_between(uint8_t byte, uint8_t low, uint8_t high)
{
    return byte >= low && byte <= high;
}

static size_t lead_bytes(uint8_t lead)
{
    if (lead < 0x80) {
        return 1;
    }
    if (is_between(lead, 0xC2, 0xDF)) {
        return 2;
    }
    if (is_between(lead, 0xE0, 0xEF)) {
        return 3;
    }
    return is_between(lead, 0xF0, 0xF4) ? 4 : 0;
}

/* The second byte's range depends on the first: that is where overlong forms, surrogates and
 * values beyond U+10FFFF hide. */
static bool second_is_valid(uint8_t lead, uint8_t second)
{
    uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    return is_between(second, low, high);
}

size_t utf8_char_bytes(const char *text, size_t length)
{
    if (length == 0) {
        return 0;
    }
    const uint8_t *bytes = (const uint8_t *)text;
    size_t count = lead_bytes(bytes[0]);
    if (count > length) {
        return 0;
    }
    if (count > 1 && !second_is_valid(bytes[0], bytes[1])) {
        return 0;
    }
    for (size_t i = 2; i < count; i++) {
        if (!is_between(bytes[i], 0x80, 0xBF)) {
            return 0;
        }
    }
    return count;
}

bool utf8_is_printable(const char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        uint8_t byte = (uint8_t)text[at];
        size_t count = utf8_char_bytes(text + at, length - at);
        if (count == 0 || byte < 0x20 || byte == 0x7F) {
            return false;
        }
        at += count;
    }
    return true;
}
