#include "topics/payload_discovery.h"

#include <stddef.h>

enum field_type {
    FIELD_TEXT,   /* const char *; NULL = left out */
    FIELD_TEXTS,  /* struct discovery_texts; none = left out */
    FIELD_NUMBER, /* const double *; NULL = left out */
    FIELD_INTEGER /* const int *; NULL = left out */
};

struct field {
    const char *key; /* as Home Assistant abbreviates it */
    enum field_type type;
    size_t offset; /* in struct discovery_entity */
};

#define FIELD(key, type, member)                                     \
    {                                                                \
        key, FIELD_##type, offsetof(struct discovery_entity, member) \
    }

/* Of whatever platform. */
static const struct field fields[] = {
    FIELD("ic", TEXT, icon),
    FIELD("dev_cla", TEXT, device_class),
    FIELD("stat_t", TEXT, state_topic),
    FIELD("val_tpl", TEXT, value_template),
    FIELD("stat_val_tpl", TEXT, state_value_template),
    FIELD("unit_of_meas", TEXT, unit),
    FIELD("stat_cla", TEXT, state_class),
    FIELD("sug_dsp_prc", INTEGER, precision),
    FIELD("ops", TEXTS, options),
    FIELD("evt_typ", TEXTS, event_types),
    FIELD("cmd_t", TEXT, command_topic),
    FIELD("cmd_tpl", TEXT, command_template),
    FIELD("pl_on", TEXT, payload_on),
    FIELD("pl_off", TEXT, payload_off),
    FIELD("stat_on", TEXT, state_on),
    FIELD("stat_off", TEXT, state_off),
    FIELD("pl_prs", TEXT, payload_press),
    FIELD("min", NUMBER, min),
    FIELD("max", NUMBER, max),
    FIELD("step", NUMBER, step),
    FIELD("mode", TEXT, mode),
    FIELD("on_cmd_type", TEXT, on_command_type),
    FIELD("bri_cmd_t", TEXT, brightness_command_topic),
    FIELD("bri_stat_t", TEXT, brightness_state_topic),
    FIELD("bri_val_tpl", TEXT, brightness_template),
    FIELD("bri_scl", NUMBER, brightness_scale),
    FIELD("pct_cmd_t", TEXT, percentage_command_topic),
    FIELD("pct_stat_t", TEXT, percentage_state_topic),
    FIELD("pct_val_tpl", TEXT, percentage_template),
    FIELD("spd_rng_min", NUMBER, speed_min),
    FIELD("spd_rng_max", NUMBER, speed_max),
    FIELD("pl_open", TEXT, payload_open),
    FIELD("pl_cls", TEXT, payload_close),
    FIELD("stat_open", TEXT, state_open),
    FIELD("stat_clsd", TEXT, state_closed),
    FIELD("pos_t", TEXT, position_topic),
    FIELD("pos_tpl", TEXT, position_template),
    FIELD("set_pos_t", TEXT, set_position_topic),
    FIELD("pos_open", NUMBER, position_open),
    FIELD("pos_clsd", NUMBER, position_closed),
    FIELD("modes", TEXTS, modes),
    FIELD("mode_cmd_t", TEXT, mode_command_topic),
    FIELD("mode_cmd_tpl", TEXT, mode_command_template),
    FIELD("mode_stat_t", TEXT, mode_state_topic),
    FIELD("mode_stat_tpl", TEXT, mode_state_template),
    FIELD("temp_cmd_t", TEXT, temperature_command_topic),
    FIELD("temp_stat_t", TEXT, temperature_state_topic),
    FIELD("temp_stat_tpl", TEXT, temperature_state_template),
    FIELD("temp_lo_cmd_t", TEXT, temperature_low_command_topic),
    FIELD("temp_lo_cmd_tpl", TEXT, temperature_low_command_template),
    FIELD("temp_lo_stat_t", TEXT, temperature_low_state_topic),
    FIELD("temp_lo_stat_tpl", TEXT, temperature_low_state_template),
    FIELD("temp_hi_cmd_t", TEXT, temperature_high_command_topic),
    FIELD("temp_hi_cmd_tpl", TEXT, temperature_high_command_template),
    FIELD("temp_hi_stat_t", TEXT, temperature_high_state_topic),
    FIELD("temp_hi_stat_tpl", TEXT, temperature_high_state_template),
    FIELD("curr_temp_t", TEXT, current_temperature_topic),
    FIELD("curr_temp_tpl", TEXT, current_temperature_template),
    FIELD("act_t", TEXT, action_topic),
    FIELD("act_tpl", TEXT, action_template),
    FIELD("pr_modes", TEXTS, presets),
    FIELD("pr_mode_cmd_t", TEXT, preset_command_topic),
    FIELD("pr_mode_cmd_tpl", TEXT, preset_command_template),
    FIELD("pr_mode_stat_t", TEXT, preset_state_topic),
    FIELD("pr_mode_val_tpl", TEXT, preset_template),
    FIELD("min_temp", NUMBER, temperature_min),
    FIELD("max_temp", NUMBER, temperature_max),
    FIELD("temp_step", NUMBER, temperature_step),
    FIELD("temp_unit", TEXT, temperature_unit),
};

static const char *const platforms[] = {
    [DISCOVERY_SENSOR] = "sensor",   [DISCOVERY_BINARY_SENSOR] = "binary_sensor",
    [DISCOVERY_SWITCH] = "switch",   [DISCOVERY_NUMBER] = "number",
    [DISCOVERY_SELECT] = "select",   [DISCOVERY_BUTTON] = "button",
    [DISCOVERY_CLIMATE] = "climate", [DISCOVERY_FAN] = "fan",
    [DISCOVERY_COVER] = "cover",     [DISCOVERY_LIGHT] = "light",
    [DISCOVERY_VALVE] = "valve",     [DISCOVERY_EVENT] = "event",
};
_Static_assert(sizeof(platforms) / sizeof(platforms[0]) == DISCOVERY_PLATFORM_COUNT,
               "a word for each");

const char *discovery_platform_text(enum discovery_platform platform)
{
    return platforms[platform];
}

static void write_availability(struct json_writer *w, const struct discovery_availabilities *list)
{
    if (list->count == 0) {
        return;
    }
    json_array_begin(w, "avty");
    for (size_t i = 0; i < list->count; i++) {
        json_object_begin(w, NULL);
        json_string(w, "t", list->items[i].topic);
        json_string_if(w, "val_tpl", list->items[i].template);
        json_object_end(w);
    }
    json_array_end(w);
    json_string(w, "avty_mode", "all");
}

void payload_discovery_begin(struct json_writer *w, const struct discovery_device *device)
{
    json_object_begin(w, NULL);
    json_object_begin(w, "dev");
    json_array_begin(w, "ids");
    json_string(w, NULL, device->id);
    json_array_end(w);
    json_string_if(w, "name", device->name);
    json_string_if(w, "mf", device->manufacturer);
    json_string_if(w, "mdl", device->model);
    json_string_if(w, "sw", device->software);
    json_string_if(w, "sa", device->area);
    json_string_if(w, "via_device", device->via);
    json_object_end(w);
    json_object_begin(w, "o");
    json_string(w, "name", device->origin);
    json_string_if(w, "sw", device->version);
    json_object_end(w);
    write_availability(w, &device->availability);
    json_object_begin(w, "cmps");
}

static void write_texts(struct json_writer *w, const char *key, const struct discovery_texts *texts)
{
    if (texts->count == 0) {
        return;
    }
    json_array_begin(w, key);
    for (size_t i = 0; i < texts->count; i++) {
        json_string(w, NULL, texts->texts[i]);
    }
    json_array_end(w);
}

static void write_field(struct json_writer *w, const struct field *field,
                        const struct discovery_entity *entity)
{
    const void *member = (const char *)entity + field->offset;
    switch (field->type) {
    case FIELD_TEXT:
        json_string_if(w, field->key, *(const char *const *)member);
        break;
    case FIELD_TEXTS:
        write_texts(w, field->key, member);
        break;
    case FIELD_NUMBER: {
        const double *number = *(const double *const *)member;
        if (number != NULL) {
            json_double(w, field->key, *number);
        }
        break;
    }
    case FIELD_INTEGER: {
        const int *number = *(const int *const *)member;
        if (number != NULL) {
            json_i64(w, field->key, *number);
        }
        break;
    }
    }
}

static const char *category_text(enum discovery_category category)
{
    switch (category) {
    case DISCOVERY_PRIMARY:
        return NULL;
    case DISCOVERY_CONFIG:
        return "config";
    case DISCOVERY_DIAGNOSTIC:
        return "diagnostic";
    }
    return NULL;
}

void payload_discovery_entity(struct json_writer *w, const struct discovery_entity *entity)
{
    json_object_begin(w, entity->key);
    json_string(w, "p", discovery_platform_text(entity->platform));
    json_string(w, "uniq_id", entity->unique_id);
    if (entity->name != NULL) {
        json_string(w, "name", entity->name);
    } else {
        json_null(w, "name");
    }
    json_i64(w, "qos", 1); /* not every release takes over what the root says */
    json_string_if(w, "ent_cat", category_text(entity->category));
    if (entity->is_disabled) {
        json_bool(w, "en", false);
    }
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        write_field(w, &fields[i], entity);
    }
    if (entity->no_stop) {
        json_null(w, "pl_stop");
    }
    if (entity->reports_position) {
        json_bool(w, "reports_position", true);
    }
    if (entity->availability != NULL) {
        write_availability(w, entity->availability);
    }
    json_object_end(w);
}

void payload_discovery_end(struct json_writer *w)
{
    json_object_end(w);
    json_object_end(w);
}
