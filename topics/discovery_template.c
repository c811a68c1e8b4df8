#include "topics/discovery_template.h"

#include "topics/topic_id.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define QUOTED_SIZE 320

int discovery_template_quote(const char *name, char *text, size_t size)
{
    size_t length = 0;
    text[length++] = '\'';
    for (; *name != '\0'; name++) {
        if (length + 4 > size) {
            return -EMSGSIZE;
        }
        if (*name == '\'' || *name == '\\') {
            text[length++] = '\\';
        }
        text[length++] = *name;
    }
    text[length++] = '\'';
    text[length] = '\0';
    return 0;
}

static int finish(int length, size_t size)
{
    return length >= 0 && (size_t)length < size ? 0 : -EMSGSIZE;
}

int discovery_template_number(const struct discovery_value *value, char *text, size_t size)
{
    char name[QUOTED_SIZE];
    int r = discovery_template_quote(value->signal, name, sizeof(name));
    if (r < 0) {
        return r;
    }
    if (!value->has_labels) {
        return finish(snprintf(text, size, "{{ value_json.signals.get(%s, '') }}", name), size);
    }
    return finish(snprintf(text, size,
                           "{%% set v = value_json.signals.get(%s, '') %%}"
                           "{{ v if v is number or v == '' else None }}",
                           name),
                  size);
}

/* What the quality says of a word: the one for "no valid value" is none of the options. */
static int label_template(const char *absent, const struct discovery_value *value, char *text,
                          size_t size)
{
    char name[QUOTED_SIZE];
    char valid[QUOTED_SIZE + 64] = "";
    int r = discovery_template_quote(value->signal, name, sizeof(name));
    if (r < 0) {
        return r;
    }
    if (value->has_not_available) {
        (void)snprintf(valid, sizeof(valid),
                       " and value_json.get('q', {}).get(%s) != 'not_available'", name);
    }
    return finish(snprintf(text, size,
                           "{%% set v = value_json.signals.get(%s, %s) %%}"
                           "{{ v if v is string%s else None }}",
                           name, absent, valid),
                  size);
}

int discovery_template_label(const struct discovery_value *value, char *text, size_t size)
{
    return label_template("this.state", value, text, size);
}

int discovery_template_switch(const struct discovery_value *value, char *text, size_t size)
{
    return value->has_labels ? label_template("''", value, text, size)
                             : discovery_template_number(value, text, size);
}

int discovery_template_member(const char *member, char *text, size_t size)
{
    char name[QUOTED_SIZE];
    int r = discovery_template_quote(member, name, sizeof(name));
    return r < 0 ? r : finish(snprintf(text, size, "{{ value_json.get(%s, '') }}", name), size);
}

int discovery_template_group(const char *group, const char *member, char *text, size_t size)
{
    char outer[QUOTED_SIZE];
    char inner[QUOTED_SIZE];
    int r = discovery_template_quote(group, outer, sizeof(outer));
    if (r == 0) {
        r = discovery_template_quote(member, inner, sizeof(inner));
    }
    if (r < 0) {
        return r;
    }
    return finish(snprintf(text, size, "{{ value_json.get(%s, {}).get(%s, '') }}", outer, inner),
                  size);
}

int discovery_template_alarm_event(const char *alarm, char *text, size_t size)
{
    char name[QUOTED_SIZE];
    int r = discovery_template_quote(alarm, name, sizeof(name));
    if (r < 0) {
        return r;
    }
    return finish(snprintf(text, size,
                           "{{ {'event_type': value_json.event, 'alarm_state': value_json.state, "
                           "'text': value_json.get('text', '')} | tojson "
                           "if value_json.alarm == %s else '' }}",
                           name),
                  size);
}

const char *discovery_template_bus_usable(void)
{
    return "{{ 'online' if value_json.state in ['up', 'error_warning', 'error_passive'] "
           "else 'offline' }}";
}

const char *discovery_template_plain_number(void)
{
    return "{{ value if value == '' else value | float(None) }}";
}

const char *discovery_template_plain(void)
{
    return "{{ value | trim }}";
}

const char *discovery_template_alarm_active(void)
{
    return "{{ 'OFF' if value_json.state in ['normal', 'returned_unack', 'suppressed', "
           "'out_of_service', 'shelved'] else 'ON' }}";
}
