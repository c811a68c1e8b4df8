#include "edge-gateway/plant/greenhouse_can.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "edge-gateway/plant/noise.h"

#define CYCLE_FAST_US 200000
#define CYCLE_SLOW_US 1000000

#define HEATER_COMMAND_ID 0x201
#define VENT_COMMAND_ID   0x202
#define PUMP_COMMAND_ID   0x203

#define VENT_PERCENT_PER_BIT 0.5
#define TANK_SIZE_L          500.0
#define SERIAL_NUMBER        0x0001000020260117u
#define PROBES               8
#define SUPPLY_V             24.1
#define SUPPLY_LOAD_V        0.6 /* drop while heating */

enum diagnostics_status {
    STATUS_OK,
    STATUS_TANK_LOW
};

struct message {
    uint32_t can_id;
    uint8_t flags;
    uint8_t len;
    int64_t cycle_us;
    void (*pack)(const struct greenhouse *house, uint64_t turn, uint8_t *data); /* over zeros */
};

static void put_le(uint8_t *at, size_t bytes, int64_t raw)
{
    for (size_t i = 0; i < bytes; i++) {
        at[i] = (uint8_t)((uint64_t)raw >> (8 * i));
    }
}

static void put_be(uint8_t *at, size_t bytes, int64_t raw)
{
    for (size_t i = 0; i < bytes; i++) {
        at[i] = (uint8_t)((uint64_t)raw >> (8 * (bytes - 1 - i)));
    }
}

/* The raw value of `value` at so much per bit, kept within the signal's range. */
static int64_t scaled(double value, double per_bit, double low, double high)
{
    return llround(fmin(fmax(value, low), high) / per_bit);
}

/* A sensor's noise of +-`size`; every signal of a message has its own `channel`. */
static double noise(const struct greenhouse *house, enum greenhouse_message message,
                    unsigned channel, uint64_t turn, double size)
{
    uint32_t stream = 0x100u + (uint32_t)message * 16u + channel;
    return size * noise_uniform(greenhouse_seed(house), stream, turn);
}

/* | 0-1 Temperature | 2-3 Humidity | 4-5 CO2 | 6-7 Light | */
static void pack_climate(const struct greenhouse *house, uint64_t turn, uint8_t *data)
{
    const struct greenhouse_state *s = greenhouse_state(house);
    double air_C = s->air_C + noise(house, GREENHOUSE_CLIMATE, 0, turn, 0.03);
    double humidity = s->humidity_percent + noise(house, GREENHOUSE_CLIMATE, 1, turn, 0.3);
    double co2_ppm = s->co2_ppm + noise(house, GREENHOUSE_CLIMATE, 2, turn, 4.0);
    double light_lx = s->light_lx * (1.0 + noise(house, GREENHOUSE_CLIMATE, 3, turn, 0.01));
    put_le(data, 2, scaled(air_C, 0.01, -40.0, 80.0));
    put_le(data + 2, 2, scaled(humidity, 0.1, 0.0, 100.0));
    put_le(data + 4, 2, scaled(co2_ppm, 1.0, 0.0, 5000.0));
    put_le(data + 6, 2, scaled(light_lx, 2.0, 0.0, 130000.0));
}

/* | 0-1 OutsideTemperature | 2-3 SolarRadiation | 4-5 WindSpeed | 6 Rain (2 bits) | */
static void pack_weather(const struct greenhouse *house, uint64_t turn, uint8_t *data)
{
    const struct greenhouse_state *s = greenhouse_state(house);
    double outside_C = s->outside_C + noise(house, GREENHOUSE_WEATHER, 0, turn, 0.05);
    double wind_m_s = s->wind_m_s + noise(house, GREENHOUSE_WEATHER, 1, turn, 0.4);
    put_le(data, 2, scaled(outside_C, 0.01, -40.0, 60.0));
    put_le(data + 2, 2, scaled(s->solar_W_m2, 0.1, 0.0, 1500.0));
    put_le(data + 4, 2, scaled(wind_m_s, 0.01, 0.0, 60.0));
    put_le(data + 6, 1, (int64_t)s->rain);
}

/* | 0 Bed (multiplexor, from 1) | 1-2 Moisture | 3-4 Temperature | */
static void pack_soil(const struct greenhouse *house, uint64_t turn, uint8_t *data)
{
    const struct greenhouse_state *s = greenhouse_state(house);
    size_t bed = (size_t)(turn % GREENHOUSE_BEDS);
    double moisture = s->soil_moisture_percent[bed] + noise(house, GREENHOUSE_SOIL, 0, turn, 0.1);
    double soil_C = s->soil_C[bed] + noise(house, GREENHOUSE_SOIL, 1, turn, 0.02);
    put_le(data, 1, (int64_t)bed + 1);
    put_le(data + 1, 2, scaled(moisture, 0.1, 0.0, 100.0));
    put_le(data + 3, 2, scaled(soil_C, 0.01, -40.0, 80.0));
}

/* | 0 bit 0 Heater, bit 1 Pump | 1 VentPosition | 2-3 HeaterPower | 4-5 PumpFlow | 7 Alive | */
static void pack_actuators(const struct greenhouse *house, uint64_t turn, uint8_t *data)
{
    const struct greenhouse_state *s = greenhouse_state(house);
    data[0] = (uint8_t)((s->heater_on ? 1u : 0u) | (s->pump_on ? 2u : 0u));
    put_le(data + 1, 1, scaled(s->vent_percent, VENT_PERCENT_PER_BIT, 0.0, 100.0));
    put_le(data + 2, 2, scaled(s->heater_kW, 0.01, 0.0, 20.0));
    put_le(data + 4, 2, scaled(s->pump_l_min, 0.01, 0.0, 20.0));
    data[7] = (uint8_t)turn;
}

/* Big-endian, as the maker of this sensor likes it: | 0-1 Level | 2 LevelPercent | 3-4 Temperature
 * |
 */
static void pack_tank(const struct greenhouse *house, uint64_t turn, uint8_t *data)
{
    const struct greenhouse_state *s = greenhouse_state(house);
    double level_l = s->tank_l + noise(house, GREENHOUSE_TANK, 0, turn, 0.2);
    double water_C = s->soil_C[0] + noise(house, GREENHOUSE_TANK, 1, turn, 0.1);
    put_be(data, 2, scaled(level_l, 0.1, 0.0, TANK_SIZE_L));
    put_be(data + 2, 1, scaled(100.0 * level_l / TANK_SIZE_L, 0.5, 0.0, 100.0));
    put_be(data + 3, 2, scaled(water_C, 0.1, -40.0, 80.0));
}

/* | 0-3 Energy | 4-5 Power | 6-7 Voltage | */
static void pack_energy_meter(const struct greenhouse *house, uint64_t turn, uint8_t *data)
{
    const struct greenhouse_state *s = greenhouse_state(house);
    double mains_V =
        231.0 - 0.2 * s->power_kW + noise(house, GREENHOUSE_ENERGY_METER, 0, turn, 0.4);
    put_le(data, 4, scaled(s->energy_kWh, 0.001, 0.0, 4000000.0));
    put_le(data + 4, 2, scaled(s->power_kW, 0.001, 0.0, 60.0));
    put_le(data + 6, 2, scaled(mains_V, 0.1, 0.0, 300.0));
}

/* | 0-3 Uptime | 4-7 HeaterStarts | 8-11 PumpStarts | 12-15 HeaterHours | 16-19 PumpHours |
 * | 20-35 Probe1..8 | 36-39 ProbeMean (IEEE 754) | 40-41 SupplyVoltage | 42 Status |
 * | 56-63 SerialNumber | */
static void pack_diagnostics(const struct greenhouse *house, uint64_t turn, uint8_t *data)
{
    const struct greenhouse_state *s = greenhouse_state(house);
    put_le(data, 4, s->elapsed_us / 1000000);
    put_le(data + 4, 4, s->heater_starts);
    put_le(data + 8, 4, s->pump_starts);
    put_le(data + 12, 4, scaled(s->heater_hours, 0.001, 0.0, 4000000.0));
    put_le(data + 16, 4, scaled(s->pump_hours, 0.001, 0.0, 4000000.0));
    double sum_C = 0.0;
    for (unsigned i = 0; i < PROBES; i++) {
        /* Warmer under the roof. */
        double probe_C = s->air_C + 0.15 * i + noise(house, GREENHOUSE_DIAGNOSTICS, i, turn, 0.05);
        sum_C += probe_C;
        put_le(data + 20 + 2 * (size_t)i, 2, scaled(probe_C, 0.01, -40.0, 80.0));
    }
    float mean_C = (float)(sum_C / PROBES);
    uint32_t mean_bits;
    memcpy(&mean_bits, &mean_C, sizeof(mean_bits));
    put_le(data + 36, 4, mean_bits);
    double supply_V = SUPPLY_V - (s->heater_on ? SUPPLY_LOAD_V : 0.0) +
                      noise(house, GREENHOUSE_DIAGNOSTICS, PROBES, turn, 0.03);
    put_le(data + 40, 2, scaled(supply_V, 0.01, 0.0, 36.0));
    data[42] = s->tank_l < 0.1 * TANK_SIZE_L ? STATUS_TANK_LOW : STATUS_OK;
    put_le(data + 56, 8, (int64_t)SERIAL_NUMBER);
}

static const struct message messages[GREENHOUSE_MESSAGE_COUNT] = {
    [GREENHOUSE_CLIMATE] = {0x101, 0, 8, CYCLE_FAST_US, pack_climate},
    [GREENHOUSE_WEATHER] = {0x102, 0, 8, CYCLE_SLOW_US, pack_weather},
    [GREENHOUSE_SOIL] = {0x103, 0, 8, CYCLE_SLOW_US, pack_soil},
    [GREENHOUSE_ACTUATORS] = {0x110, 0, 8, CYCLE_FAST_US, pack_actuators},
    [GREENHOUSE_TANK] = {0x111, 0, 8, CYCLE_SLOW_US, pack_tank},
    [GREENHOUSE_ENERGY_METER] = {0x18FF0A01, FRAME_EXTENDED, 8, CYCLE_SLOW_US, pack_energy_meter},
    [GREENHOUSE_DIAGNOSTICS] = {0x1F0, FRAME_FD | FRAME_BRS, 64, CYCLE_SLOW_US, pack_diagnostics},
};

int64_t greenhouse_cycle_us(enum greenhouse_message message)
{
    return messages[message].cycle_us;
}

void greenhouse_frame(const struct greenhouse *house, enum greenhouse_message message,
                      uint64_t turn, struct frame *ret)
{
    const struct message *m = &messages[message];
    ret->can_id = m->can_id;
    ret->flags = m->flags;
    ret->len = m->len;
    memset(ret->data, 0, m->len);
    m->pack(house, turn, ret->data);
}

bool greenhouse_command(struct greenhouse *house, const struct frame *frame)
{
    unsigned other = FRAME_EXTENDED | FRAME_REMOTE | FRAME_ERROR | FRAME_FD;
    if ((frame->flags & other) != 0 || frame->len < 1) {
        return false;
    }
    switch (frame->can_id) {
    case HEATER_COMMAND_ID:
        greenhouse_heater(house, (frame->data[0] & 1) != 0);
        return true;
    case VENT_COMMAND_ID:
        greenhouse_vent(house, frame->data[0] * VENT_PERCENT_PER_BIT);
        return true;
    case PUMP_COMMAND_ID:
        greenhouse_pump(house, (frame->data[0] & 1) != 0);
        return true;
    default:
        return false;
    }
}
