/* A device of anybody's that listens to a topic. */
#include "automation-node/drivers/driver_table.h"
#include "topics/json_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAYLOAD_SIZE 512 /* a template of 255 bytes with the value in it, or a field of 127 */

struct mqtt_device {
    struct driver_options options;
    struct driver_host host;
};

static int mqtt_open(const struct driver_options *options, const struct driver_host *host,
                     void **ret, char *reterr)
{
    (void)reterr;
    struct mqtt_device *device = calloc(1, sizeof(*device));
    if (device == NULL) {
        return -ENOMEM;
    }
    device->options = *options;
    device->host = *host;
    *ret = device;
    return 0;
}

static void mqtt_close(void *driver)
{
    free(driver);
}

/* {"state":"ON"}, {"brightness":128} */
static int write_field(const char *field, const char *word, const struct value *value, char *text,
                       size_t *ret_length)
{
    struct json_writer w;
    json_writer_init(&w, text, PAYLOAD_SIZE);
    json_object_begin(&w, NULL);
    if (word == NULL && value->kind == VALUE_NUMBER) {
        json_double(&w, field, value->number);
    } else {
        json_string(&w, field, word != NULL ? word : value->text);
    }
    json_object_end(&w);
    return json_writer_finish(&w, ret_length);
}

static bool append(char *text, size_t *length, const char *bytes, size_t count)
{
    if (count >= PAYLOAD_SIZE - *length) {
        return false;
    }
    memcpy(text + *length, bytes, count);
    *length += count;
    return true;
}

/* Each place of the value in the template. */
static int write_template(const char *template, const char *word, char *text, size_t *ret_length)
{
    size_t length = 0;
    bool fits = true;
    while (fits && *template != '\0') {
        const char *place = strstr(template, DRIVER_TEMPLATE_VALUE);
        size_t before = place != NULL ? (size_t)(place - template) : strlen(template);
        fits = append(text, &length, template, before) &&
               (place == NULL || append(text, &length, word, strlen(word)));
        template += before + (place != NULL ? strlen(DRIVER_TEMPLATE_VALUE) : 0);
    }
    if (!fits) {
        return -EMSGSIZE;
    }
    *ret_length = length;
    return 0;
}

static int mqtt_command(void *driver, const struct device_command *command)
{
    const struct mqtt_device *device = driver;
    const struct driver_mqtt_options *mqtt = &device->options.mqtt;
    const char *wire = driver_wire(&device->options, &command->value);
    char number[VALUE_TEXT_SIZE];
    char payload[PAYLOAD_SIZE];
    size_t length;
    (void)value_format(&command->value, number, sizeof(number));
    int r = mqtt->field != NULL
                ? write_field(mqtt->field, wire, &command->value, payload, &length)
                : write_template(mqtt->template != NULL ? mqtt->template : DRIVER_TEMPLATE_VALUE,
                                 wire != NULL ? wire : number, payload, &length);
    if (r < 0) {
        return r;
    }
    return device->host.publish(device->host.context, mqtt->topic, payload, length,
                                driver_expiry_s(command));
}

const struct driver_methods driver_mqtt = {
    .open = mqtt_open, .command = mqtt_command, .close = mqtt_close};
