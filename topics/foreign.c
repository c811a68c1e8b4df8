#include "topics/foreign.h"

#include "topics/topic_filter.h"

#include <errno.h>
#include <string.h>

#define LEVELS_OF_A_PROPERTY 2 /* what %d leaves out: component/id, node/property */

/* tasmota/docs docs/MQTT.md; zigbee2mqtt.io guide/usage/mqtt_topics_and_messages; esphome-docs
 * components/mqtt.rst; homieiot/convention convention.md. */
static const struct foreign_device devices[] = {
    [FOREIGN_TASMOTA] = {.name = "tasmota",
                         .example = "plug1",
                         .field = "POWER",
                         .command = {"cmnd/%t/%f", false},
                         .states = {{"stat/%t/RESULT", true}, {"tele/%t/STATE", true}},
                         .availability = "tele/%t/LWT",
                         .online = "Online",
                         .on = "ON",
                         .off = "OFF"},
    [FOREIGN_ZIGBEE2MQTT] = {.name = "zigbee2mqtt",
                             .example = "zigbee2mqtt/kitchen_plug",
                             .field = "state",
                             .command = {"%t/set", true},
                             .states = {{"%t", true}},
                             .availability = "%t/availability",
                             .availability_field = "state",
                             .online = "online",
                             .on = "ON",
                             .off = "OFF"},
    [FOREIGN_ESPHOME] = {.name = "esphome",
                         .example = "kitchen/switch/pump",
                         .command = {"%t/command", false},
                         .states = {{"%t/state", false}},
                         .availability = "%d/status",
                         .online = "online",
                         .on = "ON",
                         .off = "OFF"},
    [FOREIGN_HOMIE] = {.name = "homie",
                       .example = "homie/pump/relay/on",
                       .command = {"%t/set", false},
                       .states = {{"%t", false}},
                       .availability = "%d/$state",
                       .online = "ready",
                       .on = "true",
                       .off = "false"},
};
_Static_assert(sizeof(devices) / sizeof(devices[0]) == FOREIGN_KIND_COUNT, "a row for each kind");

const struct foreign_device *foreign_device(enum foreign_kind kind)
{
    return &devices[kind];
}

/* How much of the topic is the device; 0 if it has too few levels. */
static size_t device_length(const char *topic)
{
    size_t length = strlen(topic);
    for (int i = 0; i < LEVELS_OF_A_PROPERTY; i++) {
        while (length > 0 && topic[length - 1] != '/') {
            length--;
        }
        if (length == 0) {
            return 0;
        }
        length--;
    }
    return length;
}

/* What a letter behind '%' stands for; NULL if nothing. */
static const char *part_of(char letter, const char *topic, const char *field, size_t *ret_length)
{
    const char *part = letter == 'f' ? field : topic;
    if (part != NULL) {
        *ret_length = letter == 'd' ? device_length(topic) : strlen(part);
    }
    return part != NULL && *ret_length > 0 ? part : NULL;
}

int foreign_topic_format(const char *pattern, const char *topic, const char *field, char *text,
                         size_t size)
{
    size_t length = 0;
    for (const char *c = pattern; *c != '\0'; c++) {
        const char *part = c;
        size_t part_length = 1;
        if (*c == '%') {
            part = part_of(*++c, topic, field, &part_length);
        }
        if (part == NULL) {
            return -EINVAL;
        }
        if (part_length >= size - length) {
            return -ENAMETOOLONG;
        }
        memcpy(text + length, part, part_length);
        length += part_length;
    }
    text[length] = '\0';
    return topic_name_is_valid(text) ? 0 : -EINVAL;
}
