/* Controllers as they are made: where they read, and where they speak. */
#include "automation-node/engine/engine_new_controllers.h"

#include <errno.h>
#include <string.h>

int engine_find_device(const struct engine_options *options, const char *id, size_t *ret_index)
{
    for (size_t i = 0; id != NULL && i < options->device_count; i++) {
        const char *device = options->devices[i].device.id;
        if (device != NULL && strcmp(device, id) == 0) {
            *ret_index = i;
            return 0;
        }
    }
    return -ENOENT;
}

int engine_take_seat(struct engine *engine, const struct engine_options *options,
                     const char *device, struct seat *ret)
{
    struct seat seat = {0};
    int r = engine_find_device(options, device, &seat.unit);
    if (r < 0) {
        return r;
    }
    seat.slot = engine->units[seat.unit].slot_count++;
    *ret = seat;
    return 0;
}

bool engine_seat_takes(const struct engine_options *options, const struct seat *seat,
                       const struct value *value)
{
    return domain_check(&options->devices[seat->unit].device.domain, value) == REFUSAL_NONE;
}

static const char *id_of(const struct engine_options *options, size_t controller)
{
    if (controller < options->thermostat_count) {
        return options->thermostats[controller].thermostat.id;
    }
    controller -= options->thermostat_count;
    return controller < options->pid_count
               ? options->pids[controller].pid.id
               : options->climates[controller - options->pid_count].climate.id;
}

int engine_find_controller(const struct engine_options *options, const char *id, size_t *ret_index)
{
    size_t count = options->thermostat_count + options->pid_count + options->climate_count;
    for (size_t i = 0; id != NULL && i < count; i++) {
        if (strcmp(id_of(options, i), id) == 0) {
            *ret_index = i;
            return 0;
        }
    }
    return -ENOENT;
}

static int add_seat(struct engine *engine, const struct engine_options *options, const char *device,
                    struct controller_unit *controller)
{
    int r = engine_take_seat(engine, options, device, &controller->seats[controller->seat_count]);
    controller->seat_count += r == 0 ? 1 : 0;
    return r;
}

static int find_ends(struct engine *engine, const struct engine_options *options, const char *input,
                     const char *device, struct controller_unit *controller)
{
    int r = input_table_find(engine->inputs, input, &controller->input);
    return r == 0 ? add_seat(engine, options, device, controller) : r;
}

static bool takes_both(const struct engine_options *options, const struct seat *seat,
                       const struct value *a, const struct value *b)
{
    return engine_seat_takes(options, seat, a) && engine_seat_takes(options, seat, b);
}

static int make_thermostat(struct engine *engine, const struct engine_options *options,
                           size_t index)
{
    const struct engine_thermostat *source = &options->thermostats[index];
    struct controller_unit *controller = &engine->controllers[index];
    int r = find_ends(engine, options, source->input, source->device, controller);
    if (r < 0) {
        return r;
    }
    if (!takes_both(options, &controller->seats[0], &source->thermostat.on_value,
                    &source->thermostat.off_value)) {
        return -EINVAL;
    }
    bool off = source->thermostat.mode == THERMOSTAT_OFF;
    controller->active_mode = off ? THERMOSTAT_HEAT : source->thermostat.mode;
    return thermostat_new(&source->thermostat, &controller->thermostat);
}

static int make_pid(struct engine *engine, const struct engine_options *options, size_t index)
{
    const struct engine_pid *source = &options->pids[index];
    struct controller_unit *controller = &engine->controllers[options->thermostat_count + index];
    int r = find_ends(engine, options, source->input, source->device, controller);
    if (r < 0) {
        return r;
    }
    bool switches = source->pwm != NULL;
    const struct value ends[] = {switches ? source->pwm->off_value : value_number(source->pid.min),
                                 switches ? source->pwm->on_value : value_number(source->pid.max)};
    if (!takes_both(options, &controller->seats[0], &ends[0], &ends[1]) ||
        (switches && (source->pid.min < 0 || source->pid.max > source->pwm->full))) {
        return -EINVAL;
    }
    struct device_unit *unit = &engine->units[controller->seats[0].unit];
    controller->next_follower = unit->first_follower;
    unit->first_follower = options->thermostat_count + index;
    r = pid_new(&source->pid, &controller->pid);
    return r == 0 && switches ? pwm_new(source->pwm, &controller->pwm) : r;
}

static int make_climate(struct engine *engine, const struct engine_options *options, size_t index)
{
    const struct engine_climate *source = &options->climates[index];
    size_t place = options->thermostat_count + options->pid_count + index;
    struct controller_unit *controller = &engine->controllers[place];
    int r = input_table_find(engine->inputs, source->input, &controller->input);
    for (size_t side = 0; r == 0 && side < CLIMATE_SIDES; side++) {
        r = add_seat(engine, options, source->devices[side], controller);
        const struct climate_output *output = &source->climate.outputs[side];
        if (r == 0 &&
            !takes_both(options, &controller->seats[side], &output->on_value, &output->off_value)) {
            r = -EINVAL;
        }
    }
    if (r < 0) {
        return r;
    }
    bool off = source->climate.mode == CLIMATE_OFF;
    controller->active_climate_mode = off ? CLIMATE_HEAT_COOL : source->climate.mode;
    return climate_new(&source->climate, &controller->climate);
}

int engine_new_controllers(struct engine *engine, const struct engine_options *options)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < options->thermostat_count; i++) {
        r = make_thermostat(engine, options, i);
    }
    for (size_t i = 0; r == 0 && i < options->pid_count; i++) {
        r = make_pid(engine, options, i);
    }
    for (size_t i = 0; r == 0 && i < options->climate_count; i++) {
        r = make_climate(engine, options, i);
    }
    return r;
}

void engine_free_controllers(struct engine *engine)
{
    for (size_t i = 0; i < engine->controller_count; i++) {
        thermostat_free(engine->controllers[i].thermostat);
        pid_free(engine->controllers[i].pid);
        pwm_free(engine->controllers[i].pwm);
        climate_free(engine->controllers[i].climate);
    }
}

int engine_check_climates(const struct engine *engine)
{
    for (size_t i = 0; i < engine->controller_count; i++) {
        const struct controller_unit *controller = &engine->controllers[i];
        if (controller->climate == NULL) {
            continue;
        }
        size_t heater = controller->seats[CLIMATE_HEATER].unit;
        size_t cooler = controller->seats[CLIMATE_COOLER].unit;
        if (heater == cooler || engine->units[heater].group == ENGINE_NO_GROUP ||
            engine->units[heater].group != engine->units[cooler].group) {
            return -EINVAL;
        }
    }
    return 0;
}
