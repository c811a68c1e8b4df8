#include "topics/discovery_class.h"

#include <stddef.h>
#include <string.h>

#define UNITS(...)        \
    (const char *const[]) \
    {                     \
        __VA_ARGS__, NULL \
    }
#define BIT(state) (1u << (state))
#define MEASURED   BIT(DISCOVERY_STATE_MEASUREMENT)
#define TOTALS     (BIT(DISCOVERY_STATE_TOTAL) | BIT(DISCOVERY_STATE_TOTAL_INCREASING))

struct traits {
    const char *name;
    enum discovery_state usual;
    unsigned states;          /* that are taken, as bits */
    bool needs_unit;          /* one of `units`; else none is right, too */
    const char *const *units; /* NULL = none */
};

#define PLAIN(name, ...)                                                      \
    {                                                                         \
        name, DISCOVERY_STATE_MEASUREMENT, MEASURED, true, UNITS(__VA_ARGS__) \
    }
#define COUNTED(name, ...)                                                       \
    {                                                                            \
        name, DISCOVERY_STATE_TOTAL_INCREASING, TOTALS, true, UNITS(__VA_ARGS__) \
    }

#define SPEEDS "ft/s", "in/s", "m/min", "m/s", "km/h", "kn", "mph", "mm/s"
#define ENERGIES \
    "J", "kJ", "MJ", "GJ", "mWh", "Wh", "kWh", "MWh", "GWh", "TWh", "cal", "kcal", "Mcal", "Gcal"
#define PRESSURES "mPa", "Pa", "hPa", "kPa", "bar", "cbar", "mbar", "mmHg", "inHg", "inH₂O", "psi"
#define VOLUMES   "ft³", "CCF", "MCF", "m³", "L", "mL", "gal", "fl. oz."

static const struct traits classes[] = {
    [DISCOVERY_CLASS_NONE] = {NULL, DISCOVERY_STATE_MEASUREMENT, MEASURED | TOTALS, false, NULL},
    [DISCOVERY_CLASS_ABSOLUTE_HUMIDITY] = PLAIN("absolute_humidity", "g/m³", "mg/m³"),
    [DISCOVERY_CLASS_APPARENT_POWER] = PLAIN("apparent_power", "mVA", "VA", "kVA"),
    [DISCOVERY_CLASS_AREA] =
        PLAIN("area", "m²", "cm²", "km²", "mm²", "in²", "ft²", "yd²", "mi²", "ac", "ha"),
    [DISCOVERY_CLASS_ATMOSPHERIC_PRESSURE] = PLAIN("atmospheric_pressure", PRESSURES),
    [DISCOVERY_CLASS_BATTERY] = PLAIN("battery", "%"),
    [DISCOVERY_CLASS_CARBON_DIOXIDE] = PLAIN("carbon_dioxide", "ppm"),
    [DISCOVERY_CLASS_CARBON_MONOXIDE] = PLAIN("carbon_monoxide", "ppb", "ppm", "μg/m³", "mg/m³"),
    [DISCOVERY_CLASS_CONDUCTIVITY] = PLAIN("conductivity", "S/cm", "mS/cm", "μS/cm"),
    [DISCOVERY_CLASS_CURRENT] = PLAIN("current", "μA", "mA", "A"),
    [DISCOVERY_CLASS_DATA_RATE] = PLAIN("data_rate", "bit/s", "kbit/s", "Mbit/s", "Gbit/s", "B/s",
                                        "kB/s", "MB/s", "GB/s", "KiB/s", "MiB/s", "GiB/s"),
    [DISCOVERY_CLASS_DATA_SIZE] = PLAIN("data_size", "bit", "kbit", "Mbit", "Gbit", "B", "kB", "MB",
                                        "GB", "TB", "KiB", "MiB", "GiB", "TiB"),
    [DISCOVERY_CLASS_DISTANCE] = {"distance", DISCOVERY_STATE_MEASUREMENT, MEASURED | TOTALS, true,
                                  UNITS("mm", "cm", "m", "km", "in", "ft", "yd", "mi", "nmi")},
    [DISCOVERY_CLASS_DURATION] = {"duration", DISCOVERY_STATE_MEASUREMENT, MEASURED | TOTALS, true,
                                  UNITS("d", "h", "min", "s", "ms", "μs")},
    [DISCOVERY_CLASS_ENERGY] = COUNTED("energy", ENERGIES),
    [DISCOVERY_CLASS_ENERGY_DISTANCE] =
        PLAIN("energy_distance", "kWh/100km", "Wh/km", "mi/kWh", "km/kWh"),
    [DISCOVERY_CLASS_ENERGY_STORAGE] = PLAIN("energy_storage", ENERGIES),
    [DISCOVERY_CLASS_ENUM] = {"enum", DISCOVERY_STATE_NONE, 0, false, NULL},
    [DISCOVERY_CLASS_FREQUENCY] = PLAIN("frequency", "mHz", "Hz", "kHz", "MHz", "GHz"),
    [DISCOVERY_CLASS_HUMIDITY] = PLAIN("humidity", "%"),
    [DISCOVERY_CLASS_ILLUMINANCE] = PLAIN("illuminance", "lx"),
    [DISCOVERY_CLASS_IRRADIANCE] = PLAIN("irradiance", "W/m²", "BTU/(h⋅ft²)"),
    [DISCOVERY_CLASS_MOISTURE] = PLAIN("moisture", "%"),
    [DISCOVERY_CLASS_PH] = {"ph", DISCOVERY_STATE_MEASUREMENT, MEASURED, false, NULL},
    [DISCOVERY_CLASS_POWER] = PLAIN("power", "mW", "W", "kW", "MW", "GW", "TW"),
    [DISCOVERY_CLASS_POWER_FACTOR] = {"power_factor", DISCOVERY_STATE_MEASUREMENT, MEASURED, false,
                                      UNITS("%")},
    [DISCOVERY_CLASS_PRESSURE] = PLAIN("pressure", PRESSURES),
    [DISCOVERY_CLASS_REACTIVE_ENERGY] = COUNTED("reactive_energy", "varh", "kvarh"),
    [DISCOVERY_CLASS_REACTIVE_POWER] = PLAIN("reactive_power", "mvar", "var", "kvar"),
    [DISCOVERY_CLASS_SIGNAL_STRENGTH] = PLAIN("signal_strength", "dB", "dBm"),
    [DISCOVERY_CLASS_SOUND_PRESSURE] = PLAIN("sound_pressure", "dB", "dBA"),
    [DISCOVERY_CLASS_SPEED] = PLAIN("speed", SPEEDS, "in/d", "in/h", "mm/d", "mm/h"),
    [DISCOVERY_CLASS_TEMPERATURE] = PLAIN("temperature", "°C", "°F", "K"),
    [DISCOVERY_CLASS_TIMESTAMP] = {"timestamp", DISCOVERY_STATE_NONE, 0, false, NULL},
    [DISCOVERY_CLASS_VOLTAGE] = PLAIN("voltage", "μV", "mV", "V", "kV", "MV"),
    [DISCOVERY_CLASS_VOLUME] = COUNTED("volume", VOLUMES),
    [DISCOVERY_CLASS_VOLUME_FLOW_RATE] =
        PLAIN("volume_flow_rate", "m³/h", "m³/min", "m³/s", "ft³/min", "L/h", "L/min", "L/s",
              "gal/h", "gal/min", "gal/d", "mL/s"),
    [DISCOVERY_CLASS_VOLUME_STORAGE] = PLAIN("volume_storage", VOLUMES),
    [DISCOVERY_CLASS_WATER] = COUNTED("water", "CCF", "MCF", "ft³", "m³", "L", "gal"),
    [DISCOVERY_CLASS_WEIGHT] = {"weight", DISCOVERY_STATE_MEASUREMENT, MEASURED | TOTALS, true,
                                UNITS("g", "kg", "mg", "μg", "oz", "lb", "st")},
    [DISCOVERY_CLASS_WIND_DIRECTION] = {"wind_direction", DISCOVERY_STATE_MEASUREMENT_ANGLE,
                                        BIT(DISCOVERY_STATE_MEASUREMENT_ANGLE), true, UNITS("°")},
    [DISCOVERY_CLASS_WIND_SPEED] = PLAIN("wind_speed", SPEEDS, "Beaufort"),
};
_Static_assert(sizeof(classes) / sizeof(classes[0]) == DISCOVERY_CLASS_COUNT, "a row for each");

static const char *const states[] = {
    [DISCOVERY_STATE_NONE] = NULL,
    [DISCOVERY_STATE_MEASUREMENT] = "measurement",
    [DISCOVERY_STATE_MEASUREMENT_ANGLE] = "measurement_angle",
    [DISCOVERY_STATE_TOTAL] = "total",
    [DISCOVERY_STATE_TOTAL_INCREASING] = "total_increasing",
};
_Static_assert(sizeof(states) / sizeof(states[0]) == DISCOVERY_STATE_COUNT, "a word for each");

const char *discovery_class_text(enum discovery_class device_class)
{
    return classes[device_class].name;
}

const char *discovery_state_text(enum discovery_state state)
{
    return states[state];
}

bool discovery_class_from_text(const char *text, enum discovery_class *ret)
{
    for (int i = 0; i < DISCOVERY_CLASS_COUNT; i++) {
        const char *name = classes[i].name != NULL ? classes[i].name : "none";
        if (strcmp(name, text) == 0) {
            *ret = (enum discovery_class)i;
            return true;
        }
    }
    return false;
}

bool discovery_state_from_text(const char *text, enum discovery_state *ret)
{
    for (int i = 0; i < DISCOVERY_STATE_COUNT; i++) {
        const char *name = states[i] != NULL ? states[i] : "none";
        if (strcmp(name, text) == 0) {
            *ret = (enum discovery_state)i;
            return true;
        }
    }
    return false;
}

bool discovery_class_takes_unit(enum discovery_class device_class, const char *unit)
{
    const struct traits *traits = &classes[device_class];
    if (device_class == DISCOVERY_CLASS_NONE) {
        return true;
    }
    if (unit == NULL) {
        return !traits->needs_unit;
    }
    for (const char *const *known = traits->units; known != NULL && *known != NULL; known++) {
        if (strcmp(*known, unit) == 0) {
            return true;
        }
    }
    return false;
}

bool discovery_class_takes_state(enum discovery_class device_class, enum discovery_state state)
{
    return state == DISCOVERY_STATE_NONE || (classes[device_class].states & BIT(state)) != 0;
}

enum discovery_state discovery_class_state(enum discovery_class device_class)
{
    return classes[device_class].usual;
}

bool discovery_binary_class_is_known(const char *text)
{
    static const char *const known[] = {
        "battery",
        "battery_charging",
        "carbon_monoxide",
        "cold",
        "connectivity",
        "door",
        "gas",
        "garage_door",
        "heat",
        "light",
        "lock",
        "moisture",
        "motion",
        "moving",
        "occupancy",
        "opening",
        "plug",
        "power",
        "presence",
        "problem",
        "running",
        "safety",
        "smoke",
        "sound",
        "tamper",
        "update",
        "vibration",
        "window",
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i], text) == 0) {
            return true;
        }
    }
    return false;
}
