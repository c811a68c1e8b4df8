#include "topics/discovery_control.h"

#include "topics/discovery_template.h"
#include "topics/json_writer.h"
#include "topics/limits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define QUOTED_SIZE (2 * PAYLOAD_TEXT_MAX_BYTES + 8)
#define NUMBER_SIZE 64
#define TARGET_SIZE (2 * NUMBER_SIZE + 8)

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
    [DISCOVERY_CONTROLLER_LOW] = "{{ value_json.setpoint_low }}",
    [DISCOVERY_CONTROLLER_HIGH] = "{{ value_json.setpoint_high }}",
    [DISCOVERY_CONTROLLER_VALUE] = "{{ value_json.value }}",
    [DISCOVERY_CONTROLLER_OUTPUT] = "{{ value_json.output }}",
    [DISCOVERY_CONTROLLER_ACTION] = "{{ value_json.action }}",
    [DISCOVERY_CONTROLLER_MODE_SET] = "{\"mode\":\"{{ value }}\"}",
    [DISCOVERY_CONTROLLER_PRESET_SET] = "{\"preset\":\"{{ value }}\"}",
    [DISCOVERY_CONTROLLER_LOW_SET] = "{\"setpoint_low\":{{ value }}}",
    [DISCOVERY_CONTROLLER_HIGH_SET] = "{\"setpoint_high\":{{ value }}}",
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

/* What a preset sets, as the template reads it from the state. */
static int preset_target(const struct discovery_preset *preset, char *text)
{
    char low[NUMBER_SIZE];
    char high[NUMBER_SIZE];
    if (!preset->is_band) {
        return number(preset->setpoint, text);
    }
    int r = number(preset->low, low);
    r = r == 0 ? number(preset->high, high) : r;
    return r < 0 ? r : finish(snprintf(text, TARGET_SIZE, "[%s, %s]", low, high), TARGET_SIZE);
}

int discovery_controller_preset(const struct discovery_preset *presets, size_t count, char *text,
                                size_t size)
{
    size_t length = 0;
    int n = snprintf(text, size, "{%% set s = %s %%}{{ ",
                     count > 0 && presets[0].is_band
                         ? "[value_json.setpoint_low, value_json.setpoint_high]"
                         : "value_json.setpoint");
    for (size_t i = 0; i < count && n >= 0 && (size_t)n < size - length; i++) {
        char quoted[QUOTED_SIZE];
        char target[TARGET_SIZE];
        int r = discovery_template_quote(presets[i].name, quoted, sizeof(quoted));
        r = r == 0 ? preset_target(&presets[i], target) : r;
        if (r < 0) {
            return r;
        }
        length += (size_t)n;
        n = snprintf(text + length, size - length, "%s if s == %s else ", quoted, target);
    }
    if (n < 0 || (size_t)n >= size - length) {
        return -EMSGSIZE;
    }
    length += (size_t)n;
    return finish(snprintf(text + length, size - length, "'none' }}"), size - length);
}
