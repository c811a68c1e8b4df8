#include "common/units.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

enum dimension {
    TEMPERATURE,
    RATIO,
    PRESSURE,
    VOLTAGE,
    CURRENT,
    POWER,
    APPARENT_POWER,
    REACTIVE_POWER,
    ENERGY,
    CHARGE,
    RESISTANCE,
    CONDUCTIVITY,
    FREQUENCY,
    SPEED,
    ACCELERATION,
    LENGTH,
    AREA,
    VOLUME,
    VOLUME_FLOW,
    MASS,
    MASS_FLOW,
    CONCENTRATION,
    DURATION,
    ILLUMINANCE,
    IRRADIANCE,
    FORCE,
    TORQUE,
    ANGLE,
    ANGULAR_SPEED,
    DATA_RATE,
    TEMPERATURE_RATE,
    RATIO_RATE,
    PRESSURE_RATE
};

/* base = (value + shift) * numerator / denominator. Two whole numbers rather than one factor, so
 * that 36 km/h are 10 m/s and not 10.000000000000002. */
struct unit {
    const char *name;
    enum dimension dimension;
    double numerator;
    double denominator;
    double shift;
};

#define PI 3.14159265358979323846

static const struct unit units[] = {
    {"°C", TEMPERATURE, 1, 1, 0},
    {"ºC", TEMPERATURE, 1, 1, 0}, /* the ordinal sign, a frequent mistake */
    {"℃", TEMPERATURE, 1, 1, 0},
    {"degC", TEMPERATURE, 1, 1, 0},
    {"deg C", TEMPERATURE, 1, 1, 0},
    {"Degrees C", TEMPERATURE, 1, 1, 0},
    {"Celsius", TEMPERATURE, 1, 1, 0},
    {"C", TEMPERATURE, 1, 1, 0},
    {"°F", TEMPERATURE, 5, 9, -32},
    {"℉", TEMPERATURE, 5, 9, -32},
    {"degF", TEMPERATURE, 5, 9, -32},
    {"deg F", TEMPERATURE, 5, 9, -32},
    {"F", TEMPERATURE, 5, 9, -32},
    {"K", TEMPERATURE, 1, 1, -273.15},
    {"degK", TEMPERATURE, 1, 1, -273.15},

    {"%", RATIO, 1, 100, 0},
    {"percent", RATIO, 1, 100, 0},
    {"%RH", RATIO, 1, 100, 0},
    {"‰", RATIO, 1, 1000, 0},
    {"ppm", RATIO, 1, 1000000, 0},
    {"ppb", RATIO, 1, 1000000000, 0},

    {"Pa", PRESSURE, 1, 1, 0},
    {"hPa", PRESSURE, 100, 1, 0},
    {"kPa", PRESSURE, 1000, 1, 0},
    {"MPa", PRESSURE, 1000000, 1, 0},
    {"mbar", PRESSURE, 100, 1, 0},
    {"bar", PRESSURE, 100000, 1, 0},
    {"psi", PRESSURE, 6894757293168, 1000000000, 0},
    {"PSI", PRESSURE, 6894757293168, 1000000000, 0},

    {"V", VOLTAGE, 1, 1, 0},
    {"volt", VOLTAGE, 1, 1, 0},
    {"Volts", VOLTAGE, 1, 1, 0},
    {"Vrms", VOLTAGE, 1, 1, 0},
    {"mV", VOLTAGE, 1, 1000, 0},
    {"kV", VOLTAGE, 1000, 1, 0},

    {"A", CURRENT, 1, 1, 0},
    {"Amps", CURRENT, 1, 1, 0},
    {"Arms", CURRENT, 1, 1, 0},
    {"mA", CURRENT, 1, 1000, 0},
    {"uA", CURRENT, 1, 1000000, 0},
    {"µA", CURRENT, 1, 1000000, 0},
    {"μA", CURRENT, 1, 1000000, 0},
    {"kA", CURRENT, 1000, 1, 0},

    {"W", POWER, 1, 1, 0},
    {"mW", POWER, 1, 1000, 0},
    {"kW", POWER, 1000, 1, 0},
    {"MW", POWER, 1000000, 1, 0},
    {"VA", APPARENT_POWER, 1, 1, 0},
    {"kVA", APPARENT_POWER, 1000, 1, 0},
    {"var", REACTIVE_POWER, 1, 1, 0},
    {"kvar", REACTIVE_POWER, 1000, 1, 0},

    {"J", ENERGY, 1, 1, 0},
    {"kJ", ENERGY, 1000, 1, 0},
    {"MJ", ENERGY, 1000000, 1, 0},
    {"Wh", ENERGY, 3600, 1, 0},
    {"kWh", ENERGY, 3600000, 1, 0},
    {"MWh", ENERGY, 3600000000, 1, 0},

    {"Ah", CHARGE, 1, 1, 0},
    {"mAh", CHARGE, 1, 1000, 0},

    {"Ω", RESISTANCE, 1, 1, 0}, /* Greek omega */
    {"Ω", RESISTANCE, 1, 1, 0}, /* ohm sign, U+2126 */
    {"ohm", RESISTANCE, 1, 1, 0},
    {"Ohm", RESISTANCE, 1, 1, 0},
    {"mΩ", RESISTANCE, 1, 1000, 0},
    {"mOhm", RESISTANCE, 1, 1000, 0},
    {"kΩ", RESISTANCE, 1000, 1, 0},
    {"kOhm", RESISTANCE, 1000, 1, 0},
    {"MΩ", RESISTANCE, 1000000, 1, 0},

    {"uS/cm", CONDUCTIVITY, 1, 1000, 0},
    {"µS/cm", CONDUCTIVITY, 1, 1000, 0},
    {"μS/cm", CONDUCTIVITY, 1, 1000, 0},
    {"mS/cm", CONDUCTIVITY, 1, 1, 0},
    {"dS/m", CONDUCTIVITY, 1, 1, 0},

    {"Hz", FREQUENCY, 1, 1, 0},
    {"kHz", FREQUENCY, 1000, 1, 0},
    {"MHz", FREQUENCY, 1000000, 1, 0},
    {"1/s", FREQUENCY, 1, 1, 0},
    {"rpm", FREQUENCY, 1, 60, 0},
    {"RPM", FREQUENCY, 1, 60, 0},
    {"1/min", FREQUENCY, 1, 60, 0},
    {"/min", FREQUENCY, 1, 60, 0},
    {"U/min", FREQUENCY, 1, 60, 0},
    {"r/min", FREQUENCY, 1, 60, 0},

    {"m/s", SPEED, 1, 1, 0},
    {"km/h", SPEED, 5, 18, 0},
    {"km / h", SPEED, 5, 18, 0},
    {"kph", SPEED, 5, 18, 0},
    {"KPH", SPEED, 5, 18, 0},
    {"kmh", SPEED, 5, 18, 0},
    {"mph", SPEED, 44704, 100000, 0},
    {"kn", SPEED, 1852, 3600, 0},
    {"kt", SPEED, 1852, 3600, 0},
    {"mm/s", SPEED, 1, 1000, 0},

    {"m/s²", ACCELERATION, 1, 1, 0},
    {"m/s2", ACCELERATION, 1, 1, 0},
    {"m/s^2", ACCELERATION, 1, 1, 0},

    {"m", LENGTH, 1, 1, 0},
    {"meter", LENGTH, 1, 1, 0},
    {"Meters", LENGTH, 1, 1, 0},
    {"dm", LENGTH, 1, 10, 0},
    {"cm", LENGTH, 1, 100, 0},
    {"mm", LENGTH, 1, 1000, 0},
    {"um", LENGTH, 1, 1000000, 0},
    {"µm", LENGTH, 1, 1000000, 0},
    {"μm", LENGTH, 1, 1000000, 0},
    {"km", LENGTH, 1000, 1, 0},
    {"in", LENGTH, 254, 10000, 0},
    {"ft", LENGTH, 3048, 10000, 0},
    {"mi", LENGTH, 1609344, 1000, 0},
    {"nmi", LENGTH, 1852, 1, 0},

    {"m²", AREA, 1, 1, 0},
    {"m2", AREA, 1, 1, 0},
    {"m^2", AREA, 1, 1, 0},
    {"cm²", AREA, 1, 10000, 0},

    {"m³", VOLUME, 1, 1, 0},
    {"m3", VOLUME, 1, 1, 0},
    {"m^3", VOLUME, 1, 1, 0},
    {"l", VOLUME, 1, 1000, 0},
    {"L", VOLUME, 1, 1000, 0},
    {"ml", VOLUME, 1, 1000000, 0},
    {"mL", VOLUME, 1, 1000000, 0},
    {"gal", VOLUME, 3785411784, 1000000000000, 0},

    {"m³/h", VOLUME_FLOW, 1, 1, 0},
    {"m3/h", VOLUME_FLOW, 1, 1, 0},
    {"m^3/h", VOLUME_FLOW, 1, 1, 0},
    {"m³/s", VOLUME_FLOW, 3600, 1, 0},
    {"l/h", VOLUME_FLOW, 1, 1000, 0},
    {"L/h", VOLUME_FLOW, 1, 1000, 0},
    {"l/min", VOLUME_FLOW, 60, 1000, 0},
    {"L/min", VOLUME_FLOW, 60, 1000, 0},
    {"l/s", VOLUME_FLOW, 3600, 1000, 0},
    {"L/s", VOLUME_FLOW, 3600, 1000, 0},

    {"kg", MASS, 1, 1, 0},
    {"g", MASS, 1, 1000, 0},
    {"mg", MASS, 1, 1000000, 0},
    {"t", MASS, 1000, 1, 0},
    {"lb", MASS, 45359237, 100000000, 0},
    {"kg/h", MASS_FLOW, 1, 1, 0},
    {"kg/s", MASS_FLOW, 3600, 1, 0},
    {"g/s", MASS_FLOW, 36, 10, 0},

    {"g/m³", CONCENTRATION, 1, 1, 0},
    {"g/m3", CONCENTRATION, 1, 1, 0},
    {"mg/m³", CONCENTRATION, 1, 1000, 0},
    {"mg/m3", CONCENTRATION, 1, 1000, 0},
    {"mg/l", CONCENTRATION, 1, 1, 0},
    {"µg/m³", CONCENTRATION, 1, 1000000, 0},
    {"μg/m³", CONCENTRATION, 1, 1000000, 0},
    {"ug/m3", CONCENTRATION, 1, 1000000, 0},

    {"s", DURATION, 1, 1, 0},
    {"sec", DURATION, 1, 1, 0},
    {"us", DURATION, 1, 1000000, 0},
    {"µs", DURATION, 1, 1000000, 0},
    {"μs", DURATION, 1, 1000000, 0},
    {"ms", DURATION, 1, 1000, 0},
    {"min", DURATION, 60, 1, 0},
    {"Minutes", DURATION, 60, 1, 0},
    {"h", DURATION, 3600, 1, 0},
    {"hr", DURATION, 3600, 1, 0},
    {"d", DURATION, 86400, 1, 0},

    {"lx", ILLUMINANCE, 1, 1, 0},
    {"lux", ILLUMINANCE, 1, 1, 0},
    {"klx", ILLUMINANCE, 1000, 1, 0},
    {"W/m²", IRRADIANCE, 1, 1, 0},
    {"W/m2", IRRADIANCE, 1, 1, 0},
    {"W/m^2", IRRADIANCE, 1, 1, 0},

    {"N", FORCE, 1, 1, 0},
    {"kN", FORCE, 1000, 1, 0},
    {"Nm", TORQUE, 1, 1, 0},
    {"N.m", TORQUE, 1, 1, 0},
    {"N·m", TORQUE, 1, 1, 0},
    {"kNm", TORQUE, 1000, 1, 0},

    {"°", ANGLE, 1, 1, 0},
    {"deg", ANGLE, 1, 1, 0},
    {"degree", ANGLE, 1, 1, 0},
    {"degrees", ANGLE, 1, 1, 0},
    {"Degrees", ANGLE, 1, 1, 0},
    {"rad", ANGLE, 180, PI, 0},
    {"°/s", ANGULAR_SPEED, 1, 1, 0},
    {"deg/s", ANGULAR_SPEED, 1, 1, 0},
    {"rad/s", ANGULAR_SPEED, 180, PI, 0},

    {"bit/s", DATA_RATE, 1, 1, 0},
    {"kbit/s", DATA_RATE, 1000, 1, 0},
    {"Mbit/s", DATA_RATE, 1000000, 1, 0},

    {"°C/h", TEMPERATURE_RATE, 1, 1, 0},
    {"K/h", TEMPERATURE_RATE, 1, 1, 0},
    {"°F/h", TEMPERATURE_RATE, 5, 9, 0},
    {"°C/min", TEMPERATURE_RATE, 60, 1, 0},
    {"K/min", TEMPERATURE_RATE, 60, 1, 0},
    {"%/h", RATIO_RATE, 1, 1, 0},
    {"%/min", RATIO_RATE, 60, 1, 0},
    {"hPa/h", PRESSURE_RATE, 1, 1, 0},
    {"mbar/h", PRESSURE_RATE, 1, 1, 0},
    {"bar/h", PRESSURE_RATE, 1000, 1, 0},
};

struct span {
    const char *text;
    size_t length;
};

static struct span trim(const char *text)
{
    while (*text == ' ') {
        text++;
    }
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == ' ') {
        length--;
    }
    return (struct span){text, length};
}

static bool span_equal(struct span a, struct span b)
{
    return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

static const struct unit *find(struct span name)
{
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (span_equal(name, trim(units[i].name))) {
            return &units[i];
        }
    }
    return NULL;
}

bool units_known(const char *unit)
{
    return find(trim(unit)) != NULL;
}

bool units_same_dimension(const char *a, const char *b)
{
    if (span_equal(trim(a), trim(b))) {
        return true;
    }
    const struct unit *ua = find(trim(a));
    const struct unit *ub = find(trim(b));
    return ua != NULL && ub != NULL && ua->dimension == ub->dimension;
}

static bool same_scale(const struct unit *a, const struct unit *b)
{
    return a->numerator == b->numerator && a->denominator == b->denominator && a->shift == b->shift;
}

int units_convert(double value, const char *from, const char *to, bool is_difference, double *ret)
{
    if (!units_same_dimension(from, to)) {
        return -EINVAL;
    }
    const struct unit *uf = find(trim(from));
    const struct unit *ut = find(trim(to));
    if (uf == NULL || ut == NULL || same_scale(uf, ut)) {
        *ret = value;
        return 0;
    }
    double shifted = is_difference ? value : value + uf->shift;
    double scaled = shifted * (uf->numerator * ut->denominator) / (uf->denominator * ut->numerator);
    *ret = is_difference ? scaled : scaled - ut->shift;
    return 0;
}
