#include "edge-gateway/publish/discovery_hint.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define C(name) DISCOVERY_CLASS_##name
#define S(name) DISCOVERY_STATE_##name

/* A word that changes what a class or a unit says. */
struct row {
    enum discovery_class from;
    const char *unit; /* NULL = any; "" = none */
    const char *word;
    enum discovery_class to;
    enum discovery_state state;
};

/* The first that fits counts. */
static const struct row rows[] = {
    {C(NONE), "%", "humidity", C(HUMIDITY), S(MEASUREMENT)},
    {C(NONE), "%", "rh", C(HUMIDITY), S(MEASUREMENT)},
    {C(NONE), "%", "moisture", C(MOISTURE), S(MEASUREMENT)},
    {C(NONE), "%", "soc", C(BATTERY), S(MEASUREMENT)},
    {C(NONE), "%", "state of charge", C(BATTERY), S(MEASUREMENT)},
    {C(NONE), "%", "battery level", C(BATTERY), S(MEASUREMENT)},
    {C(NONE), "%", "power factor", C(POWER_FACTOR), S(MEASUREMENT)},
    {C(NONE), "ppm", "CO2", C(CARBON_DIOXIDE), S(MEASUREMENT)},
    {C(NONE), "ppm", "CO", C(CARBON_MONOXIDE), S(MEASUREMENT)},
    {C(NONE), "ppb", "CO", C(CARBON_MONOXIDE), S(MEASUREMENT)},
    {C(NONE), "°", "wind direction", C(WIND_DIRECTION), S(MEASUREMENT_ANGLE)},
    {C(NONE), "dB", "RSSI", C(SIGNAL_STRENGTH), S(MEASUREMENT)},
    {C(NONE), "dB", "signal", C(SIGNAL_STRENGTH), S(MEASUREMENT)},
    {C(NONE), "g", "weight", C(WEIGHT), S(MEASUREMENT)},
    {C(NONE), "g", "mass", C(WEIGHT), S(MEASUREMENT)},
    {C(NONE), "", "pH", C(PH), S(MEASUREMENT)},
    {C(NONE), "", "power factor", C(POWER_FACTOR), S(MEASUREMENT)},
    {C(SPEED), NULL, "wind", C(WIND_SPEED), S(MEASUREMENT)},
    {C(PRESSURE), NULL, "barometric", C(ATMOSPHERIC_PRESSURE), S(MEASUREMENT)},
    {C(PRESSURE), NULL, "atmospheric", C(ATMOSPHERIC_PRESSURE), S(MEASUREMENT)},
    {C(PRESSURE), NULL, "ambient", C(ATMOSPHERIC_PRESSURE), S(MEASUREMENT)},
    {C(ENERGY), NULL, "battery", C(ENERGY_STORAGE), S(MEASUREMENT)},
    {C(ENERGY), NULL, "stored", C(ENERGY_STORAGE), S(MEASUREMENT)},
    {C(ENERGY), NULL, "remaining", C(ENERGY_STORAGE), S(MEASUREMENT)},
    {C(ENERGY), NULL, "available", C(ENERGY_STORAGE), S(MEASUREMENT)},
    {C(ENERGY), NULL, "capacity", C(ENERGY_STORAGE), S(MEASUREMENT)},
    {C(VOLUME_STORAGE), NULL, "total", C(VOLUME), S(TOTAL_INCREASING)},
    {C(VOLUME_STORAGE), NULL, "consumed", C(VOLUME), S(TOTAL_INCREASING)},
    {C(VOLUME_STORAGE), NULL, "used", C(VOLUME), S(TOTAL_INCREASING)},
    {C(VOLUME_STORAGE), NULL, "counter", C(VOLUME), S(TOTAL_INCREASING)},
    {C(DURATION), NULL, "uptime", C(DURATION), S(TOTAL_INCREASING)},
    {C(DURATION), NULL, "hours", C(DURATION), S(TOTAL_INCREASING)},
    {C(DURATION), NULL, "runtime", C(DURATION), S(TOTAL_INCREASING)},
    {C(DURATION), NULL, "total", C(DURATION), S(TOTAL_INCREASING)},
    {C(DISTANCE), NULL, "odometer", C(DISTANCE), S(TOTAL_INCREASING)},
    {C(DISTANCE), NULL, "odo", C(DISTANCE), S(TOTAL_INCREASING)},
    {C(DISTANCE), NULL, "mileage", C(DISTANCE), S(TOTAL_INCREASING)},
    {C(DISTANCE), NULL, "total", C(DISTANCE), S(TOTAL_INCREASING)},
    /* Numbers that only count, or are names. */
    {C(NONE), "", "starts", C(NONE), S(TOTAL_INCREASING)},
    {C(NONE), "", "cycles", C(NONE), S(TOTAL_INCREASING)},
    {C(NONE), "", "total", C(NONE), S(TOTAL_INCREASING)},
    {C(NONE), "", "serial", C(NONE), S(NONE)},
    {C(NONE), "", "version", C(NONE), S(NONE)},
    {C(NONE), "", "revision", C(NONE), S(NONE)},
    {C(NONE), "", "number", C(NONE), S(NONE)},
    {C(NONE), "", "ID", C(NONE), S(NONE)},
    {C(NONE), "", "identifier", C(NONE), S(NONE)},
    {C(NONE), "", "address", C(NONE), S(NONE)},
};

static bool is_part_of_word(char c)
{
    return isalnum((unsigned char)c) != 0 || ((unsigned char)c & 0x80) != 0;
}

/* Whole words, whatever their case. */
static bool has_words(const char *name, const char *words)
{
    size_t length = strlen(words);
    for (const char *at = name; *at != '\0'; at++) {
        bool begins = at == name || !is_part_of_word(at[-1]);
        if (begins && strncasecmp(at, words, length) == 0 && !is_part_of_word(at[length])) {
            return true;
        }
    }
    return false;
}

static bool fits(const struct row *row, const struct discovery_unit *unit, const char *name)
{
    const char *text = unit->text != NULL ? unit->text : "";
    return row->from == unit->device_class && (row->unit == NULL || strcmp(row->unit, text) == 0) &&
           has_words(name, row->word) && discovery_class_takes_unit(row->to, unit->text);
}

struct discovery_hint discovery_hint(const struct discovery_unit *unit, const char *name)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (fits(&rows[i], unit, name)) {
            return (struct discovery_hint){rows[i].to, rows[i].state};
        }
    }
    return (struct discovery_hint){unit->device_class, discovery_class_state(unit->device_class)};
}

bool discovery_is_housekeeping(const char *name)
{
    static const char *const words[] = {"CRC",
                                        "checksum",
                                        "alive",
                                        "alive counter",
                                        "rolling counter",
                                        "message counter",
                                        "sequence counter"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (has_words(name, words[i])) {
            return true;
        }
    }
    return false;
}
