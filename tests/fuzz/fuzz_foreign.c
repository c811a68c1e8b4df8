/*
 * What devices of other projects say: any bytes as their JSON, and as the topic and the field that
 * a person gives for one.
 *
 * The first line of the input is the field, the second the topic, the rest the JSON.
 */
#include "tests/fuzz/fuzz.h"
#include "topics/foreign.h"
#include "topics/json_field.h"
#include "topics/limits.h"
#include "topics/topic_filter.h"
#include "topics/utf8.h"

#include <errno.h>
#include <math.h>

static void check_pattern(const char *pattern, const char *topic, const char *field)
{
    char text[TOPIC_MAX_BYTES + 1] = "as it was";
    if (pattern == NULL) {
        return;
    }
    int r = foreign_topic_format(pattern, topic, field, text, sizeof(text));
    require(r == 0 || r == -EINVAL || r == -ENAMETOOLONG);
    require(r < 0 || topic_name_is_valid(text));
}

static void check_device(const struct foreign_device *device, const char *topic, const char *field)
{
    const char *of = device->field != NULL ? field : NULL;
    check_pattern(device->command.pattern, topic, of);
    for (size_t i = 0; i < FOREIGN_STATES_MAX; i++) {
        check_pattern(device->states[i].pattern, topic, of);
    }
    check_pattern(device->availability, topic, of);
}

/* "a~b" as the pointer "/a~0b"; freed by the caller. */
static char *pointer_to(const char *name)
{
    char *pointer = fuzz_alloc(2 * strlen(name) + 2, 1);
    size_t length = 0;
    pointer[length++] = '/';
    for (const char *c = name; *c != '\0'; c++) {
        pointer[length++] = *c;
        if (*c == '~') {
            pointer[length++] = '0';
        }
    }
    return pointer;
}

static bool same_value(const struct payload_value *a, const struct payload_value *b)
{
    return a->type == b->type && (a->type != PAYLOAD_NUMBER || a->number == b->number) &&
           (a->type != PAYLOAD_TEXT || strcmp(a->text, b->text) == 0) &&
           (a->type != PAYLOAD_BOOL || a->truth == b->truth);
}

/* A name and the pointer to it find the same. */
static void check_find(const struct json_document *document, const char *field)
{
    struct payload_value value;
    struct payload_value again;
    int r = json_document_find(document, field, &value);
    require(r == 0 || r == -ENOENT || r == -EINVAL);
    require(r != 0 || value.type != PAYLOAD_NUMBER || isfinite(value.number));
    require(r != 0 || value.type != PAYLOAD_TEXT || strlen(value.text) <= PAYLOAD_TEXT_MAX_BYTES);
    if (field[0] != '/') {
        char *pointer = pointer_to(field);
        require(json_field_is_valid(pointer));
        require(json_document_find(document, pointer, &again) == r);
        require(r != 0 || same_value(&value, &again));
        free(pointer);
    }
}

static void check_json(const char *text, size_t length, const char *field)
{
    struct payload_error error = {""};
    struct json_document *document;
    int r = json_document_parse(text, length, &document, &error);
    if (r < 0) {
        require(r == -EINVAL || r == -EMSGSIZE);
        require(error.text[0] != '\0');
        require(utf8_is_printable(error.text, strlen(error.text)));
        return;
    }
    if (json_field_is_valid(field)) {
        check_find(document, field);
    }
    json_document_free(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *field = fuzz_text(data, size);
    char *topic = strchr(field, '\n');
    char *json = topic != NULL ? strchr(topic + 1, '\n') : NULL;
    if (json != NULL) {
        *topic++ = '\0';
        *json++ = '\0';
        for (int kind = 0; kind < FOREIGN_KIND_COUNT; kind++) {
            check_device(foreign_device((enum foreign_kind)kind), topic, field);
        }
        check_json(json, size - (size_t)(json - field), field);
    }
    free(field);
    return 0;
}
