/* What the configuration says of signals, against what the catalog says. */
#include "automation-node/app/plan_check_parts.h"
#include "common/suggest.h"
#include "common/units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CYCLES_MIN 2 /* a reading that comes late must not make an input stale */

static void offer(void *context, const char *name)
{
    suggest_offer(context, name);
}

static void complain_missing(struct plan_checker *c, const void *where,
                             const struct signal_path *path, const char *bus, bool has_message)
{
    struct suggest suggest;
    suggest_init(&suggest, has_message ? path->signal : path->message);
    payload_catalog_offer(c->source->catalog, bus, path->message, offer, &suggest);
    config_report(c->config, where, c->d, SEVERITY_ERROR,
                  "nobody publishes this: %s '%s' has no %s '%s'%s%s%s",
                  has_message ? "message" : "bus", has_message ? path->message : path->bus,
                  has_message ? "signal" : "message", has_message ? path->signal : path->message,
                  suggest.best != NULL ? " - did you mean '" : "",
                  suggest.best != NULL ? suggest.best : "", suggest.best != NULL ? "'?" : "");
}

/* False, with a complaint at `where`, if the catalog does not name it; false without a catalog. */
static bool find(struct plan_checker *c, const void *where, const struct signal_path *path,
                 struct payload_catalog_found *ret)
{
    if (c->source->catalog == NULL || path->gateway == NULL) {
        return false;
    }
    const char *bus = c->source->any_bus ? NULL : path->bus;
    enum payload_catalog_lookup lookup =
        payload_catalog_find(c->source->catalog, bus, path->message, path->signal, ret);
    if (lookup != PAYLOAD_CATALOG_FOUND) {
        complain_missing(c, where, path, bus, lookup == PAYLOAD_CATALOG_NO_SIGNAL);
        return false;
    }
    return true;
}

static bool has_label(const struct payload_catalog_found *found, const char *label)
{
    for (size_t i = 0; i < found->label_count; i++) {
        if (strcmp(payload_catalog_label_at(found, i), label) == 0) {
            return true;
        }
    }
    return false;
}

static void check_label(struct plan_checker *c, const void *where, const char *label,
                        const struct payload_catalog_found *found)
{
    struct suggest suggest;
    suggest_init(&suggest, label);
    if (found->label_count == 0 || has_label(found, label)) {
        return;
    }
    for (size_t i = 0; i < found->label_count; i++) {
        suggest_offer(&suggest, payload_catalog_label_at(found, i));
    }
    config_report(c->config, where, c->d, SEVERITY_ERROR, "the signal has no label '%s'%s%s%s",
                  label, suggest.best != NULL ? " - did you mean '" : "",
                  suggest.best != NULL ? suggest.best : "", suggest.best != NULL ? "'?" : "");
}

/* ---- inputs ------------------------------------------------------------------------------ */

static void check_unit(struct plan_checker *c, const struct input_config *input,
                       const struct payload_catalog_found *found)
{
    double one;
    if (input->unit == NULL || strcmp(input->unit, found->unit) == 0 ||
        (units_convert(1, found->unit, input->unit, false, &one) == 0 && one == 1 &&
         units_convert(0, found->unit, input->unit, false, &one) == 0 && one == 0)) {
        return; /* the same, perhaps by another name */
    }
    config_report(c->config, &input->unit, c->d, SEVERITY_ERROR,
                  "the signal is in %s, not in %s: a reading comes as it is",
                  found->unit[0] != '\0' ? found->unit : "no unit", input->unit);
}

static void check_age(struct plan_checker *c, size_t index,
                      const struct payload_catalog_found *found)
{
    const struct input_config *input = &c->root->inputs[index];
    double stale_ms = (double)c->plan->engine.inputs[index].stale_after_us / 1000;
    bool is_default = c->plan->stale_open[index]; /* the catalog says better */
    if (!is_default && stale_ms > 0 && stale_ms < CYCLES_MIN * found->cycle_ms) {
        config_report(c->config, input, c->d, SEVERITY_WARNING,
                      "input '%s' is stale after %.6g s, but the message comes every %.6g s only",
                      input->name, stale_ms / 1000, found->cycle_ms / 1000);
    }
}

/* The words that an input can show, as values. */
static int keep_labels(struct plan_checker *c, size_t index,
                       const struct payload_catalog_found *found)
{
    struct value *labels = calloc(found->label_count + 1, sizeof(*labels));
    if (labels == NULL) {
        return -ENOMEM;
    }
    c->labels[index] = labels;
    for (size_t i = 0; i < found->label_count; i++) {
        const char *text = payload_catalog_label_at(found, i);
        if (value_text(text, strlen(text), &labels[i]) < 0) {
            return 0; /* one that no condition can name: it is not known what it shows */
        }
    }
    c->ranges[index].labels = labels;
    c->ranges[index].label_count = found->label_count;
    return 0;
}

static int check_input(struct plan_checker *c, size_t index)
{
    const struct input_config *input = &c->root->inputs[index];
    struct payload_catalog_found found;
    if (!find(c, &input->signal, &c->plan->sources[index], &found)) {
        return 0;
    }
    check_unit(c, input, &found);
    check_age(c, index, &found);
    for (size_t i = 0; i < input->label_count; i++) {
        check_label(c, &input->labels[i], input->labels[i], &found);
    }
    /* Labels beside a range name single values of it. */
    c->ranges[index].has_numbers = found.has_range && found.min < found.max;
    c->ranges[index].low = found.min;
    c->ranges[index].high = found.max;
    return found.label_count > 0 ? keep_labels(c, index, &found) : 0;
}

/* ---- devices ----------------------------------------------------------------------------- */

static void check_values(struct plan_checker *c, const struct device_config *device,
                         const struct payload_catalog_found *found)
{
    for (size_t i = 0; i < device->value_count; i++) {
        check_label(c, &device->values[i], device->values[i].value, found);
    }
    bool beyond = device->range != NULL && found->has_range && found->min < found->max &&
                  (device->range->min < found->min || device->range->max > found->max);
    if (beyond) {
        config_report(c->config, device->range, c->d, SEVERITY_ERROR,
                      "device '%s' takes more than its signal, which goes from %.6g to %.6g",
                      device->name, found->min, found->max);
    }
}

static void check_device(struct plan_checker *c, size_t index)
{
    const struct device_config *device = &c->root->devices[index];
    struct payload_catalog_found found;
    if (device->driver != DEVICE_DRIVER_CAN) {
        return;
    }
    if (find(c, &device->command, &c->plan->drivers[index].command, &found)) {
        check_values(c, device, &found);
    }
    if (device->feedback != NULL &&
        find(c, &device->feedback, &c->plan->sources[c->plan->feedbacks[index]], &found)) {
        check_values(c, device, &found);
    }
}

/* Without a catalog too: what people say that an input or a device shows. */
static void assume(struct plan_checker *c, size_t index)
{
    const struct engine_device *device = &c->plan->engine.devices[index];
    const struct domain *domain = &device->device.domain;
    if (device->feedback != NULL && domain->numeric && domain->label_count == 0) {
        struct expression_range *range = &c->ranges[c->plan->feedbacks[index]];
        range->has_numbers = true;
        range->low = domain->min - domain->tolerance;
        range->high = domain->max + domain->tolerance;
    }
}

int plan_check_signals(struct plan_checker *c)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < c->root->input_count; i++) {
        r = check_input(c, i);
    }
    for (size_t i = 0; r == 0 && i < c->root->device_count; i++) {
        check_device(c, i);
        assume(c, i);
    }
    return r;
}
