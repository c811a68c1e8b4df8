/*
 * What Home Assistant knows of physical values, as const tables: its device classes with the units
 * that each takes and the state classes that fit, and how units as people write them are spelt
 * there. A sensor whose unit does not belong to its device class is refused by it as a whole.
 */
#ifndef EDGE_TOPICS_DISCOVERY_CLASS_H
#define EDGE_TOPICS_DISCOVERY_CLASS_H

#include <stdbool.h>

/* In the order of the table in discovery_class.c. */
enum discovery_class {
    DISCOVERY_CLASS_NONE,
    DISCOVERY_CLASS_ABSOLUTE_HUMIDITY,
    DISCOVERY_CLASS_APPARENT_POWER,
    DISCOVERY_CLASS_AREA,
    DISCOVERY_CLASS_ATMOSPHERIC_PRESSURE,
    DISCOVERY_CLASS_BATTERY,
    DISCOVERY_CLASS_CARBON_DIOXIDE,
    DISCOVERY_CLASS_CARBON_MONOXIDE,
    DISCOVERY_CLASS_CONDUCTIVITY,
    DISCOVERY_CLASS_CURRENT,
    DISCOVERY_CLASS_DATA_RATE,
    DISCOVERY_CLASS_DATA_SIZE,
    DISCOVERY_CLASS_DISTANCE,
    DISCOVERY_CLASS_DURATION,
    DISCOVERY_CLASS_ENERGY,
    DISCOVERY_CLASS_ENERGY_DISTANCE,
    DISCOVERY_CLASS_ENERGY_STORAGE,
    DISCOVERY_CLASS_ENUM,
    DISCOVERY_CLASS_FREQUENCY,
    DISCOVERY_CLASS_HUMIDITY,
    DISCOVERY_CLASS_ILLUMINANCE,
    DISCOVERY_CLASS_IRRADIANCE,
    DISCOVERY_CLASS_MOISTURE,
    DISCOVERY_CLASS_PH,
    DISCOVERY_CLASS_POWER,
    DISCOVERY_CLASS_POWER_FACTOR,
    DISCOVERY_CLASS_PRESSURE,
    DISCOVERY_CLASS_REACTIVE_ENERGY,
    DISCOVERY_CLASS_REACTIVE_POWER,
    DISCOVERY_CLASS_SIGNAL_STRENGTH,
    DISCOVERY_CLASS_SOUND_PRESSURE,
    DISCOVERY_CLASS_SPEED,
    DISCOVERY_CLASS_TEMPERATURE,
    DISCOVERY_CLASS_TIMESTAMP,
    DISCOVERY_CLASS_VOLTAGE,
    DISCOVERY_CLASS_VOLUME,
    DISCOVERY_CLASS_VOLUME_FLOW_RATE,
    DISCOVERY_CLASS_VOLUME_STORAGE,
    DISCOVERY_CLASS_WATER,
    DISCOVERY_CLASS_WEIGHT,
    DISCOVERY_CLASS_WIND_DIRECTION,
    DISCOVERY_CLASS_WIND_SPEED,
    DISCOVERY_CLASS_COUNT
};

enum discovery_state {
    DISCOVERY_STATE_NONE,
    DISCOVERY_STATE_MEASUREMENT,
    DISCOVERY_STATE_MEASUREMENT_ANGLE,
    DISCOVERY_STATE_TOTAL,
    DISCOVERY_STATE_TOTAL_INCREASING,
    DISCOVERY_STATE_COUNT
};

/* "temperature"; NULL for DISCOVERY_CLASS_NONE. Static. */
const char *discovery_class_text(enum discovery_class device_class);

/* "measurement"; NULL for DISCOVERY_STATE_NONE. Static. */
const char *discovery_state_text(enum discovery_state state);

/* False: no such word. "none" is DISCOVERY_CLASS_NONE. */
bool discovery_class_from_text(const char *text, enum discovery_class *ret);
bool discovery_state_from_text(const char *text, enum discovery_state *ret);

/* `unit` as Home Assistant spells it; NULL = no unit. Without a class every unit is taken. */
bool discovery_class_takes_unit(enum discovery_class device_class, const char *unit);
bool discovery_class_takes_state(enum discovery_class device_class, enum discovery_state state);

/* The one to take when nothing more is known. */
enum discovery_state discovery_class_state(enum discovery_class device_class);

/* A device class of binary sensors: "door", "problem". */
bool discovery_binary_class_is_known(const char *text);

/* A unit, and what it measures: DISCOVERY_CLASS_NONE where that is not certain. */
struct discovery_unit {
    const char *text; /* as Home Assistant spells it; NULL = no unit */
    enum discovery_class device_class;
};

/* Blanks around do not count. A unit that is not known stays as it is, without a class; its text is
 * borrowed then, else static. "" and NULL: no unit. */
struct discovery_unit discovery_unit(const char *text);

#endif
