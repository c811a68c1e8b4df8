#include "edge-gateway/publish/catalog_encoder.h"

#include <stddef.h>

/* Labels of one signal in the catalog; longer tables are cut to their first rows, which a person
 * can still read. */
#define LABELS_MAX 256

static size_t copy_labels(const struct dbc_signal *signal,
                          struct payload_catalog_label labels[LABELS_MAX])
{
    size_t count = signal->label_count < LABELS_MAX ? signal->label_count : LABELS_MAX;
    for (size_t i = 0; i < count; i++) {
        labels[i] = (struct payload_catalog_label){signal->labels[i].raw, signal->labels[i].text};
    }
    return count;
}

static void write_signal(struct json_writer *w, const struct dbc_signal *signal)
{
    struct payload_catalog_label labels[LABELS_MAX];
    char minimum[DECIMAL_TEXT_MAX];
    char maximum[DECIMAL_TEXT_MAX];
    struct payload_catalog_signal entry = {
        .name = signal->name,
        .unit = signal->unit[0] != '\0' ? signal->unit : NULL,
        .decimals = signal->scale.exponent < 0 ? -signal->scale.exponent : 0,
        .labels = labels,
        .label_count = copy_labels(signal, labels),
    };
    if (signal->type == DBC_FLOAT) {
        entry.decimals = -1;
    }
    if (signal->has_range) {
        (void)decimal_format(signal->minimum.mantissa, signal->minimum.exponent, minimum);
        (void)decimal_format(signal->maximum.mantissa, signal->maximum.exponent, maximum);
        entry.min = minimum;
        entry.max = maximum;
    }
    payload_catalog_signal(w, &entry);
}

void catalog_write_message(struct json_writer *w, const struct catalog_message *message)
{
    const struct dbc_message *m = message->message;
    struct payload_catalog_message entry = {
        .name = m->name,
        .can_id = m->can_id,
        .extended = m->extended,
        .cycle_ms = m->cycle_time_ms,
        .layout = message->layout,
        .settable = message->settable,
    };
    payload_catalog_message_begin(w, &entry);
    for (uint16_t i = 0; i < m->signal_count; i++) {
        write_signal(w, &m->signals[i]);
    }
    payload_catalog_message_end(w);
}
