#include "edge-gateway/app/plan_discovery.h"

#include "common/suggest.h"
#include "edge-gateway/publish/discovery_wish.h"

#include <string.h>

static const struct message_discovery_config *own(const struct message_plan *message)
{
    return message->config != NULL ? message->config->home_assistant : NULL;
}

static struct discovery_wish wish_of(const struct signal_discovery_config *config)
{
    return (struct discovery_wish){
        .name = config->title,
        .icon = config->icon,
        .unit = config->unit,
        .device_class = config->device_class,
        .state_class = config->state_class,
        .is_diagnostic = config->diagnostic,
    };
}

static void check_signal(const struct config *config, const struct message_plan *message,
                         const struct signal_discovery_config *signal, struct diagnostics *d)
{
    const struct dbc_signal *known = dbc_find_signal(message->message, signal->name);
    if (known == NULL) {
        struct suggest suggest;
        suggest_init(&suggest, signal->name);
        for (uint16_t i = 0; i < message->message->signal_count; i++) {
            suggest_offer(&suggest, message->message->signals[i].name);
        }
        config_report(config, signal, d, SEVERITY_ERROR, "message '%s' has no signal '%s'%s%s%s",
                      message->message->name, signal->name,
                      suggest.best != NULL ? " - did you mean '" : "",
                      suggest.best != NULL ? suggest.best : "", suggest.best != NULL ? "'?" : "");
        return;
    }
    const struct discovery_wish wish = wish_of(signal);
    struct discovery_complaint complaint;
    if (!discovery_wish_is_possible(known, &wish, &complaint)) {
        config_report(config, signal, d, SEVERITY_ERROR, "signal '%s': %s", signal->name,
                      complaint.text);
    }
}

void plan_discovery_check(const struct config *config, const struct bus_plan *bus,
                          struct diagnostics *d)
{
    const struct message_discovery_config *common = bus->config->defaults.home_assistant;
    if (common != NULL && (common->device != NULL || common->signal_count > 0)) {
        config_report(config, common, d, SEVERITY_ERROR,
                      "a device and signals belong to one message: give them under messages");
    }
    for (size_t i = 0; i < bus->message_count; i++) {
        const struct message_discovery_config *message = own(&bus->messages[i]);
        for (size_t k = 0; message != NULL && k < message->signal_count; k++) {
            check_signal(config, &bus->messages[i], &message->signals[k], d);
        }
    }
}

/* Nobody but the gateway sends those, and it does not hear itself. */
static bool is_command(const struct bus_plan *bus, const struct message_plan *message)
{
    for (size_t i = 0; i < bus->command_count; i++) {
        if (bus->commands[i].message == message->message) {
            return true;
        }
    }
    return false;
}

bool plan_discovery_shows(const struct bus_plan *bus, const struct message_plan *message)
{
    const struct message_discovery_config *config = own(message);
    const struct message_discovery_config *common = bus->config->defaults.home_assistant;
    if (message->mode == POLICY_MODE_NEVER) {
        return false;
    }
    if (config != NULL && config->show != NULL) {
        return *config->show;
    }
    return !is_command(bus, message) && (common == NULL || common->show == NULL || *common->show);
}

bool plan_discovery_wish(const struct message_plan *message, const struct dbc_signal *signal,
                         struct discovery_wish *ret)
{
    const struct message_discovery_config *config = own(message);
    *ret = (struct discovery_wish){0};
    for (size_t i = 0; config != NULL && i < config->signal_count; i++) {
        if (strcmp(config->signals[i].name, signal->name) == 0) {
            *ret = wish_of(&config->signals[i]);
            return config->signals[i].show == NULL || *config->signals[i].show;
        }
    }
    return true;
}

const char *plan_discovery_device(const struct bus_plan *bus, const struct message_plan *message,
                                  enum discovery_group *ret_group)
{
    const struct message_discovery_config *config = own(message);
    const struct message_discovery_config *common = bus->config->defaults.home_assistant;
    *ret_group = DISCOVERY_GROUP_SENDER;
    if (config != NULL && config->group != NULL) {
        *ret_group = *config->group;
    } else if (common != NULL && common->group != NULL) {
        *ret_group = *common->group;
    }
    return config != NULL ? config->device : NULL;
}
