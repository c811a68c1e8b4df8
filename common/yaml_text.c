#include "common/yaml_text.h"

#include <stdint.h>
#include <string.h>

/* Length of the UTF-8 character at `text`, its code point in *ret; 0 if it is not one. */
static size_t decode(const unsigned char *text, size_t length, uint32_t *ret)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t least; /* a smaller code point is overlong */
    } forms[] = {{0x80, 0x00, 0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if ((text[0] & forms[i].mask) != forms[i].lead) {
            continue;
        }
        if (i >= length) {
            return 0;
        }
        uint32_t code = text[0] & (unsigned char)~forms[i].mask;
        for (size_t k = 1; k <= i; k++) {
            if ((text[k] & 0xC0) != 0x80) {
                return 0;
            }
            code = code << 6 | (text[k] & 0x3F);
        }
        bool valid = code >= forms[i].least && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
        *ret = code;
        return valid ? i + 1 : 0;
    }
    return 0;
}

/* What YAML 1.1 calls printable (5.1), without the line breaks that only YAML knows: editors and
 * libyaml would count lines differently. */
static const char *refuse_character(uint32_t code)
{
    if (code == 0xFEFF) {
        return "a byte order mark is not allowed here";
    }
    if (code == 0x85 || code == 0x2028 || code == 0x2029) {
        return "an unusual line end is not allowed - use plain line ends";
    }
    bool control = (code < 0x20 && code != '\t' && code != '\n' && code != '\r') ||
                   (code >= 0x7F && code < 0xA0) || code == 0xFFFE || code == 0xFFFF;
    return control ? "a control character is not allowed" : NULL;
}

bool yaml_text_check(const char *text, size_t length, struct yaml_text_fault *ret)
{
    unsigned line = 1;
    unsigned column = 1;
    for (size_t at = 0; at < length;) {
        uint32_t code = 0;
        size_t size = decode((const unsigned char *)text + at, length - at, &code);
        const char *message =
            size == 0 ? "not UTF-8 - save the file as UTF-8 text" : refuse_character(code);
        if (message != NULL) {
            *ret = (struct yaml_text_fault){line, column, message};
            return false;
        }
        bool crlf = code == '\r' && at + 1 < length && text[at + 1] == '\n';
        bool ends_line = code == '\n' || (code == '\r' && !crlf);
        line += ends_line ? 1 : 0;
        column = ends_line ? 1 : column + 1;
        at += size;
    }
    return true;
}

size_t yaml_text_order_mark(const char *text, size_t length)
{
    return length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

char yaml_text_character(const char *text, size_t length, size_t index)
{
    size_t characters = 0;
    for (size_t at = 0; at < length; at++) {
        bool begins = ((unsigned char)text[at] & 0xC0u) != 0x80u;
        if (begins && characters++ == index) {
            return text[at];
        }
    }
    return '\0';
}

void yaml_text_print(const char *text, struct buf *out)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789_/.-";
    if (text[0] != '\0' && text[0] != '-' && text[strspn(text, plain)] == '\0' &&
        strncmp(text, "...", 3) != 0) {
        buf_puts(out, text);
        return;
    }
    buf_puts(out, "\"");
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20) {
            buf_printf(out, "\\x%02X", c);
        } else {
            buf_puts(out, c == '"' || c == '\\' ? "\\" : "");
            buf_append(out, text, 1);
        }
    }
    buf_puts(out, "\"");
}

#define TAB_MESSAGE "a tab is not allowed here - indent with spaces"

static const struct {
    const char *problem;
    struct yaml_explanation explanation;
} explanations[] = {
    {"mapping values are not allowed in this context",
     {"':' is not allowed here - check the indentation, or put text that contains ': ' in quotes",
      false}},
    {"could not find expected ':'", {"expected 'key: value' - ':' is missing", true}},
    {"did not find expected key",
     {"expected a key here - check the indentation and the quotes before it", false}},
    {"did not find expected '-' indicator",
     {"expected a list item ('- ...') here - check the indentation", false}},
    {"block sequence entries are not allowed in this context",
     {"a list item ('- ...') is not allowed here - check the indentation", false}},
    {"block mapping entries are not allowed in this context",
     {"a key is not allowed here - check the indentation", false}},
    {"did not find expected ',' or ']'", {"the list that begins here lacks ',' or ']'", true}},
    {"did not find expected ',' or '}'", {"the mapping that begins here lacks ',' or '}'", true}},
    {"did not find expected node content",
     {"expected a value here - is '[' or '{' before it not closed?", false}},
    {"found unexpected end of stream", {"the quotes that begin here are not closed", true}},
    {"found unexpected document indicator", {"the quotes that begin here are not closed", true}},
    {"found unknown escape character",
     {"unknown escape in double quotes - use '\\\\' for a backslash, or single quotes", false}},
    {"found a tab character that violates indentation", {TAB_MESSAGE, false}},
    {"found a tab character where an indentation space is expected", {TAB_MESSAGE, false}},
    {"did not find expected <document start>",
     {"expected the end of the file here - check the indentation", false}},
};

struct yaml_explanation yaml_text_explain(const char *problem, char found)
{
    if (strcmp(problem, "found character that cannot start any token") == 0) {
        return (struct yaml_explanation){
            found == '\t' ? TAB_MESSAGE : "a value cannot begin with this character - use quotes",
            false};
    }
    for (size_t i = 0; i < sizeof(explanations) / sizeof(explanations[0]); i++) {
        if (strcmp(problem, explanations[i].problem) == 0) {
            return explanations[i].explanation;
        }
    }
    return (struct yaml_explanation){problem, false};
}
