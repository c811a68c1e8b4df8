#include "topics/discovery_control.h"

#include "topics/discovery_template.h"
#include "topics/json_writer.h"
#include "topics/limits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define QUOTED_SIZE (2 * PAYLOAD_TEXT_MAX_BYTES + 8)
#define NUMBER_SIZE 64

static const char *const texts[] = {
    [DISCOVERY_DEVICE_VALUE] = "{{ value_json.value }}",
    [DISCOVERY_DEVICE_SOURCE] = "{{ value_json.get('source', 'nobody') }}",
    [DISCOVERY_DEVICE_REASON] = "{{ value_json.get('reason', '-')[:250] }}",
    [DISCOVERY_DEVICE_UNTIL] =
        ("{{ as_datetime(value_json.until).isoformat() if value_json.until is defined else None "
         "}}"),
    [DISCOVERY_DEVICE_RELEASE] = "{\"value\":null}",
    [DISCOVERY_CONTROLLER_MODE] = "{{ value_json.mode }}",
    [DISCOVERY_CONTROLLER_SETPOINT] = "{{ value_json.setpoint }}",
    [DISCOVERY_CONTROLLER_VALUE] = "{{ value_json.value }}",
    [DISCOVERY_CONTROLLER_OUTPUT] = "{{ value_json.output }}",
    [DISCOVERY_CONTROLLER_MODE_SET] = "{\"mode\":\"{{ value }}\"}",
    [DISCOVERY_CONTROLLER_PRESET_SET] = "{\"preset\":\"{{ value }}\"}",
    [DISCOVERY_RULE_ENABLED] = "{{ 'ON' if value_json.enabled else 'OFF' }}",
    [DISCOVERY_RULE_ENABLE] = "enable",
    [DISCOVERY_RULE_DISABLE] = "disable",
    [DISCOVERY_RULE_RUN] = "run",
};
_Static_assert(sizeof(texts) / sizeof(texts[0]) == DISCOVERY_CONTROL_COUNT, "one for each");

const char *discovery_control_text(enum discovery_control_text text)
{
    return texts[text];
}

static int finish(int length, size_t size)
{
    return length >= 0 && (size_t)length < size ? 0 : -EMSGSIZE;
}

/* The shortest decimal that reads back as the same double. */
static int number(double value, char *text)
{
    struct json_writer w;
    size_t length;
    json_writer_init(&w, text, NUMBER_SIZE);
    json_double(&w, NULL, value);
    return json_writer_finish(&w, &length);
}

int discovery_device_above(double off, const char *is, const char *is_not, char *text, size_t size)
{
    char limit[NUMBER_SIZE];
    int r = number(off, limit);
    if (r < 0) {
        return r;
    }
    return finish(snprintf(text, size,
                           "{%% set v = value_json.value %%}"
                           "{{ None if v is not number else '%s' if v > %s else '%s' }}",
                           is, limit, is_not),
                  size);
}

int discovery_device_word(const char *word, const char *is, const char *is_not, char *text,
                          size_t size)
{
    char quoted[QUOTED_SIZE];
    int r = discovery_template_quote(word, quoted, sizeof(quoted));
    if (r < 0) {
        return r;
    }
    return finish(snprintf(text, size,
                           "{%% set v = value_json.value %%}"
                           "{{ None if v is none else '%s' if v == %s else '%s' }}",
                           is, quoted, is_not),
                  size);
}

int discovery_controller_mode_command(const char *working, char *text, size_t size)
{
    return finish(
        snprintf(text, size, "{\"mode\":\"{{ 'auto' if value == '%s' else 'off' }}\"}", working),
        size);
}

int discovery_controller_mode_state(const char *working, char *text, size_t size)
{
    return finish(
        snprintf(text, size, "{{ 'off' if value_json.mode == 'off' else '%s' }}", working), size);
}

int discovery_controller_action(const char *word, const char *action, char *text, size_t size)
{
    char quoted[QUOTED_SIZE];
    int r = discovery_template_quote(word, quoted, sizeof(quoted));
    if (r < 0) {
        return r;
    }
    return finish(snprintf(text, size,
                           "{{ 'off' if value_json.mode == 'off' else '%s' "
                           "if value_json.output == %s else 'idle' }}",
                           action, quoted),
                  size);
}

int discovery_controller_preset(const struct discovery_preset *presets, size_t count, char *text,
                                size_t size)
{
    size_t length = 0;
    int n = snprintf(text, size, "{%% set s = value_json.setpoint %%}{{ ");
    for (size_t i = 0; i < count && n >= 0 && (size_t)n < size - length; i++) {
        char quoted[QUOTED_SIZE];
        char setpoint[NUMBER_SIZE];
        int r = discovery_template_quote(presets[i].name, quoted, sizeof(quoted));
        r = r == 0 ? number(presets[i].setpoint, setpoint) : r;
        if (r < 0) {
            return r;
        }
        length += (size_t)n;
        n = snprintf(text + length, size - length, "%s if s == %s else ", quoted, setpoint);
    }
    if (n < 0 || (size_t)n >= size - length) {
        return -EMSGSIZE;
    }
    length += (size_t)n;
    return finish(snprintf(text + length, size - length, "'none' }}"), size - length);
}
