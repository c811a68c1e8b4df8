#include "edge-gateway/publish/catalog_encoder.h"

#include <stdlib.h>

static struct payload_catalog_label *copy_labels(const struct dbc_signal *signal)
{
    struct payload_catalog_label *labels = calloc(signal->label_count + 1u, sizeof(*labels));
    for (uint32_t i = 0; labels != NULL && i < signal->label_count; i++) {
        labels[i] = (struct payload_catalog_label){signal->labels[i].raw, signal->labels[i].text};
    }
    return labels;
}

static void write_signal(struct json_writer *w, const struct dbc_signal *signal)
{
    struct payload_catalog_label *labels = copy_labels(signal);
    char minimum[DECIMAL_TEXT_MAX];
    char maximum[DECIMAL_TEXT_MAX];
    struct payload_catalog_signal entry = {
        .name = signal->name,
        .unit = signal->unit[0] != '\0' ? signal->unit : NULL,
        .decimals = signal->scale.exponent < 0 ? -signal->scale.exponent : 0,
        .labels = labels,
        .label_count = labels != NULL ? signal->label_count : 0,
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
    free(labels);
}

void catalog_write_message(struct json_writer *w, const struct catalog_message *message)
{
    const struct dbc_message *m = message->message;
    struct payload_catalog_message entry = {
        .name = m->name,
        .can_id = m->can_id,
        .extended = m->extended,
        .cycle_ms = m->cycle_time_ms,
        .has_stale = message->has_stale,
        .stale_ms = message->stale_ms,
        .layout = message->layout,
        .settable = message->settable,
    };
    payload_catalog_message_begin(w, &entry);
    for (uint16_t i = 0; i < m->signal_count; i++) {
        write_signal(w, &m->signals[i]);
    }
    payload_catalog_message_end(w);
}
