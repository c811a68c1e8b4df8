#include "edge-gateway/publish/discovery_signal.h"

#include "edge-gateway/publish/discovery_hint.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PRECISION_MAX        9
#define SMALL_FIELD_BITS     4 /* a value table of such a field means every value, named or not */
#define STATE_TEXT_MAX_BYTES 255

static bool is_identity(const struct dbc_signal *signal)
{
    return decimal_is_one(&signal->factor) && int128_is_zero(signal->offset.mantissa);
}

static size_t count_valid_labels(const struct dbc_signal *signal)
{
    size_t count = 0;
    for (uint32_t i = 0; i < signal->label_count; i++) {
        count += signal->labels[i].not_available ? 0 : 1;
    }
    return count;
}

/* Values that the range allows, or else the field. */
static double count_values(const struct dbc_signal *signal)
{
    double values = ldexp(1.0, signal->length_bits);
    if (signal->has_range) {
        double span = decimal_to_double(&signal->maximum) - decimal_to_double(&signal->minimum) + 1;
        values = span < values ? span : values;
    }
    return values;
}

/* 0, 1, 2, ... or 1, 2, 3, ...: a list of states, however wide the field is. */
static bool is_list(const struct dbc_signal *signal)
{
    int64_t next = signal->labels[0].raw;
    if (next != 0 && next != 1) {
        return false;
    }
    for (uint32_t i = 0; i < signal->label_count; i++) {
        const struct dbc_label *label = &signal->labels[i];
        if (!label->not_available && label->raw != next) {
            return false;
        }
        next = label->not_available ? next : next + 1;
    }
    return true;
}

/* A number may have names for some of its values; a list of states has nothing else. */
static bool is_enumeration(const struct dbc_signal *signal)
{
    if (count_valid_labels(signal) < 2 || signal->unit[0] != '\0' || !is_identity(signal) ||
        signal->type == DBC_FLOAT) {
        return false;
    }
    return signal->length_bits <= SMALL_FIELD_BITS ||
           (double)signal->label_count * 2 >= count_values(signal) || is_list(signal);
}

/* The words of a switch, in the order off, on. */
static const char *const switch_words[][2] = {
    {"off", "on"},
    {"no", "yes"},
    {"false", "true"},
    {"inactive", "active"},
    {"disabled", "enabled"},
    {"not active", "active"},
    {"deactivated", "activated"},
};

static const struct dbc_label *label_of(const struct dbc_signal *signal, int64_t raw)
{
    for (uint32_t i = 0; i < signal->label_count; i++) {
        if (signal->labels[i].raw == raw && !signal->labels[i].not_available) {
            return &signal->labels[i];
        }
    }
    return NULL;
}

static bool has_switch_words(const struct dbc_signal *signal)
{
    const struct dbc_label *off = label_of(signal, 0);
    const struct dbc_label *on = label_of(signal, 1);
    for (size_t i = 0;
         off != NULL && on != NULL && i < sizeof(switch_words) / sizeof(switch_words[0]); i++) {
        if (strcasecmp(off->text, switch_words[i][0]) == 0 &&
            strcasecmp(on->text, switch_words[i][1]) == 0) {
            return true;
        }
    }
    return false;
}

enum discovery_kind discovery_signal_kind(const struct dbc_signal *signal)
{
    bool is_bit = signal->length_bits == 1 && signal->type == DBC_UNSIGNED && is_identity(signal) &&
                  signal->unit[0] == '\0';
    if (signal->type == DBC_WIDE) {
        return DISCOVERY_KIND_TEXT;
    }
    if ((is_bit && signal->label_count == 0) ||
        (signal->length_bits <= 2 && is_enumeration(signal) && count_valid_labels(signal) == 2 &&
         has_switch_words(signal))) {
        return DISCOVERY_KIND_BINARY;
    }
    return is_enumeration(signal) ? DISCOVERY_KIND_ENUM : DISCOVERY_KIND_NUMBER;
}

/* As many decimals as one step of the raw value changes. */
static int precision_of(const struct dbc_signal *signal)
{
    double step = fabs(decimal_to_double(&signal->factor));
    int digits = 0;
    if (step >= 1.0) {
        int exponent = signal->factor.exponent < 0 ? -signal->factor.exponent : 0;
        digits = exponent > 1 ? 1 : exponent;
    }
    while (step < 1.0 && digits < PRECISION_MAX && pow(10.0, -digits) > step * (1 + 1e-9)) {
        digits++;
    }
    return digits;
}

static size_t trimmed_length(const char *text)
{
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == ' ') {
        length--;
    }
    return length;
}

static bool has_option(const struct discovery_signal *s, const char *text)
{
    for (size_t i = 0; i < s->entity.options.count; i++) {
        if (strcmp(s->options[i], text) == 0) {
            return true;
        }
    }
    return false;
}

/* As they are shown: Home Assistant takes the blanks around away, and no word twice. False: too
 * many, or too long for a state. */
static bool add_options(const struct dbc_signal *signal, struct discovery_signal *s)
{
    size_t used = 0;
    for (uint32_t i = 0; i < signal->label_count; i++) {
        const char *text = signal->labels[i].text + strspn(signal->labels[i].text, " ");
        size_t length = trimmed_length(text);
        if (signal->labels[i].not_available || length == 0) {
            continue;
        }
        if (s->entity.options.count == DISCOVERY_OPTIONS_MAX || length > STATE_TEXT_MAX_BYTES ||
            used + length + 1 > sizeof(s->labels)) {
            return false;
        }
        char *copy = s->labels + used;
        memcpy(copy, text, length);
        copy[length] = '\0';
        if (!has_option(s, copy)) {
            s->options[s->entity.options.count++] = copy;
            used += length + 1;
        }
    }
    s->entity.options.texts = s->options;
    return true;
}

static const char *unit_text(const struct discovery_signal_options *options)
{
    const char *wished = options->wish != NULL ? options->wish->unit : NULL;
    return wished != NULL ? wished : options->signal->unit;
}

/* What the wish says goes before what the name hints at. */
static void describe_number(const struct discovery_signal_options *options,
                            struct discovery_signal *s)
{
    const struct discovery_wish *wish = options->wish;
    char name[DISCOVERY_NAME_SIZE];
    discovery_name(options->signal->name, name, sizeof(name));
    struct discovery_unit unit = discovery_unit(unit_text(options));
    struct discovery_hint hint = discovery_hint(&unit, name);
    if (hint.device_class == DISCOVERY_CLASS_ENERGY && options->signal->type == DBC_SIGNED) {
        hint.state_class = DISCOVERY_STATE_TOTAL; /* it goes both ways */
    }
    enum discovery_class wished;
    if (wish != NULL && wish->device_class != NULL &&
        discovery_class_from_text(wish->device_class, &wished)) {
        hint.device_class = wished;
        hint.state_class = discovery_class_takes_state(wished, hint.state_class)
                               ? hint.state_class
                               : discovery_class_state(wished);
    }
    if (wish != NULL && wish->state_class != NULL) {
        (void)discovery_state_from_text(wish->state_class, &hint.state_class); /* else as it was */
    }
    s->entity.unit = unit.text;
    s->entity.device_class = discovery_class_text(hint.device_class);
    s->entity.state_class = discovery_state_text(hint.state_class);
    if (options->signal->type != DBC_FLOAT) {
        s->precision = precision_of(options->signal);
        s->entity.precision = &s->precision;
    }
}

static int describe(const struct discovery_signal_options *options, enum discovery_kind kind,
                    struct discovery_signal *s)
{
    const struct dbc_signal *signal = options->signal;
    const struct discovery_value value = {
        .signal = signal->name,
        .has_labels = signal->label_count > 0,
        .has_not_available = count_valid_labels(signal) < signal->label_count,
    };
    switch (kind) {
    case DISCOVERY_KIND_NUMBER:
        s->entity.platform = DISCOVERY_SENSOR;
        describe_number(options, s);
        return discovery_template_number(&value, s->template, sizeof(s->template));
    case DISCOVERY_KIND_TEXT:
        s->entity.platform = DISCOVERY_SENSOR;
        return discovery_template_number(&(struct discovery_value){.signal = signal->name},
                                         s->template, sizeof(s->template));
    case DISCOVERY_KIND_ENUM:
        s->entity.platform = DISCOVERY_SENSOR;
        s->entity.device_class = discovery_class_text(DISCOVERY_CLASS_ENUM);
        if (!add_options(signal, s)) {
            s->entity.options = (struct discovery_texts){0};
            s->entity.device_class = NULL;
        }
        return discovery_template_label(&value, s->template, sizeof(s->template));
    case DISCOVERY_KIND_BINARY:
        s->entity.platform = DISCOVERY_BINARY_SENSOR;
        (void)add_options(signal, s); /* two words at most */
        s->entity.payload_off = value.has_labels ? s->options[0] : "0";
        s->entity.payload_on = value.has_labels ? s->options[1] : "1";
        s->entity.options = (struct discovery_texts){0};
        s->entity.device_class = options->wish != NULL ? options->wish->device_class : NULL;
        return discovery_template_switch(&value, s->template, sizeof(s->template));
    }
    return -EINVAL;
}

static const char *plain_template(enum discovery_kind kind, const struct dbc_signal *signal)
{
    bool may_be_word = kind == DISCOVERY_KIND_NUMBER && signal->label_count > 0;
    if (kind == DISCOVERY_KIND_NUMBER && !may_be_word) {
        return NULL;
    }
    return may_be_word ? discovery_template_plain_number() : discovery_template_plain();
}

/* What a person wants; else the comment, where it reads like a name; else the signal's own. */
static void name_it(const struct discovery_signal_options *options, struct discovery_signal *s)
{
    const char *comment = options->signal->comment;
    const char *wished = options->wish != NULL ? options->wish->name : NULL;
    if (wished != NULL || discovery_comment_is_name(comment)) {
        (void)snprintf(s->name, sizeof(s->name), "%s", wished != NULL ? wished : comment);
    } else {
        discovery_name(options->signal->name, s->name, sizeof(s->name));
    }
    s->entity.name = discovery_name_within(s->name, options->device_name);
}

int discovery_signal(const struct discovery_signal_options *options, struct discovery_signal *ret)
{
    const struct dbc_signal *signal = options->signal;
    enum discovery_kind kind = discovery_signal_kind(signal);
    ret->entity = (struct discovery_entity){.value_template = ret->template};
    int r = describe(options, kind, ret);
    if (r < 0) {
        return r;
    }
    if (options->is_plain) {
        ret->entity.value_template = plain_template(kind, signal);
    }
    name_it(options, ret);
    char name[DISCOVERY_NAME_SIZE];
    discovery_name(signal->name, name, sizeof(name));
    if (signal->multiplexor || discovery_is_housekeeping(name)) {
        ret->entity.category = DISCOVERY_DIAGNOSTIC;
        ret->entity.is_disabled = true;
    }
    if (options->wish != NULL) {
        ret->entity.icon = options->wish->icon;
        ret->entity.category =
            options->wish->is_diagnostic ? DISCOVERY_DIAGNOSTIC : ret->entity.category;
    }
    return 0;
}
