#include "edge-gateway/publish/discovery_wish.h"

#include "edge-gateway/publish/discovery_hint.h"

#include <stdarg.h>
#include <stdio.h>

static bool complain(struct discovery_complaint *ret, const char *format, ...) EDGE_PRINTF(2, 3);

static bool complain(struct discovery_complaint *ret, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(ret->text, sizeof(ret->text), format, arguments);
    va_end(arguments);
    return false;
}

static bool number_is_possible(const struct dbc_signal *signal, const struct discovery_wish *wish,
                               struct discovery_complaint *ret)
{
    char name[DISCOVERY_NAME_SIZE];
    discovery_name(signal->name, name, sizeof(name));
    struct discovery_unit unit = discovery_unit(wish->unit != NULL ? wish->unit : signal->unit);
    struct discovery_hint hint = discovery_hint(&unit, name);
    const char *unit_text = unit.text != NULL ? unit.text : "no unit";
    if (wish->device_class != NULL) {
        if (!discovery_class_from_text(wish->device_class, &hint.device_class)) {
            return complain(ret, "no device class '%s' that sensors can have", wish->device_class);
        }
        if (hint.device_class == DISCOVERY_CLASS_ENUM ||
            hint.device_class == DISCOVERY_CLASS_TIMESTAMP) {
            return complain(ret, "a number cannot have the device class '%s'", wish->device_class);
        }
        if (!discovery_class_takes_unit(hint.device_class, unit.text)) {
            return complain(ret, "the device class '%s' does not go with %s", wish->device_class,
                            unit_text);
        }
    }
    enum discovery_state state;
    if (wish->state_class != NULL) {
        if (!discovery_state_from_text(wish->state_class, &state)) {
            return complain(ret,
                            "no state class '%s' - write measurement, total, "
                            "total_increasing, measurement_angle or none",
                            wish->state_class);
        }
        if (!discovery_class_takes_state(hint.device_class, state)) {
            const char *device_class = discovery_class_text(hint.device_class);
            return complain(ret, "the state class '%s' does not go with the device class '%s'",
                            wish->state_class, device_class != NULL ? device_class : "none");
        }
    }
    return true;
}

bool discovery_wish_is_possible(const struct dbc_signal *signal, const struct discovery_wish *wish,
                                struct discovery_complaint *ret)
{
    switch (discovery_signal_kind(signal)) {
    case DISCOVERY_KIND_NUMBER:
        return number_is_possible(signal, wish, ret);
    case DISCOVERY_KIND_BINARY:
        if (wish->device_class != NULL && !discovery_binary_class_is_known(wish->device_class)) {
            return complain(ret, "no device class '%s' that a signal of one bit can have",
                            wish->device_class);
        }
        break;
    case DISCOVERY_KIND_ENUM:
    case DISCOVERY_KIND_TEXT:
        if (wish->device_class != NULL) {
            return complain(ret, "has words for values, and can have no device class");
        }
        break;
    }
    if (wish->unit != NULL || wish->state_class != NULL) {
        return complain(ret, "is no number, and can have no unit and no state class");
    }
    return true;
}
