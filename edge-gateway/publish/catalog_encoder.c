#include "edge-gateway/publish/catalog_encoder.h"

static void write_signal(struct json_writer *w, const struct dbc_signal *signal)
{
    char minimum[DECIMAL_TEXT_MAX];
    char maximum[DECIMAL_TEXT_MAX];
    struct payload_catalog_signal entry = {
        .name = signal->name,
        .unit = signal->unit[0] != '\0' ? signal->unit : NULL,
        .decimals = signal->scale.exponent < 0 ? -signal->scale.exponent : 0,
        .has_labels = signal->label_count > 0,
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
    payload_catalog_signal_begin(w, &entry);
    for (uint32_t i = 0; i < signal->label_count; i++) {
        payload_catalog_label(w, signal->labels[i].raw, signal->labels[i].text);
    }
    payload_catalog_signal_end(w, &entry);
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
