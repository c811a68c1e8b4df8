#include "edge-gateway/dbc/dbc_sections.h"

#include <stdlib.h>
#include <string.h>

#define FRAME_FORMATS_MAX 64

/* The value of an attribute as the file has it: a number, a text, or both for an enumeration. */
struct attribute_value {
    bool is_number;
    struct decimal number;
    const char *text; /* "" for a plain number */
};

struct attribute_target {
    struct dbc_draft_message *message; /* NULL for the network, a node, ... */
    struct dbc_draft_signal *signal;   /* the first of that name, NULL if for no signal */
};

/* Frame formats by number when the file does not define the enumeration; others are reserved. */
static const char *standard_frame_format(size_t number)
{
    static const char *const formats[] = {[0] = "StandardCAN",
                                          [1] = "ExtendedCAN",
                                          [3] = "J1939PG",
                                          [14] = "StandardCAN_FD",
                                          [15] = "ExtendedCAN_FD"};
    bool known = number < sizeof(formats) / sizeof(formats[0]) && formats[number] != NULL;
    return known ? formats[number] : "";
}

static const char *frame_format(const struct dbc_draft_defaults *defaults,
                                const struct attribute_value *value)
{
    if (!value->is_number) {
        return value->text;
    }
    double number = decimal_to_double(&value->number);
    if (!(number >= 0) || number > FRAME_FORMATS_MAX) {
        return "";
    }
    size_t index = (size_t)number;
    if (defaults->frame_format_count > 0) {
        return index < defaults->frame_format_count ? defaults->frame_formats[index] : "";
    }
    return standard_frame_format(index);
}

static uint32_t milliseconds(const struct attribute_value *value)
{
    double number = value->is_number ? decimal_to_double(&value->number) : 0;
    return number > 0 && number < UINT32_MAX ? (uint32_t)(number + 0.5) : 0;
}

static void set_cycle_time(struct dbc_draft *draft, const struct attribute_target *target,
                           const struct attribute_value *value)
{
    (void)draft;
    if (target->message != NULL) {
        target->message->message.cycle_time_ms = milliseconds(value);
        target->message->has_cycle_time = true;
    }
}

static void set_frame_format(struct dbc_draft *draft, const struct attribute_target *target,
                             const struct attribute_value *value)
{
    if (target->message != NULL) {
        target->message->frame_format = frame_format(&draft->defaults, value);
    }
}

static void set_start(struct dbc_draft *draft, const struct attribute_target *target,
                      const struct attribute_value *value)
{
    (void)draft;
    struct dbc_draft_signal *signal = target->signal;
    for (; signal != NULL && value->is_number;
         signal = dbc_draft_namesake(target->message, signal)) {
        signal->signal.has_start = true;
        signal->signal.start = value->number;
    }
}

static void set_message_name(struct dbc_draft *draft, const struct attribute_target *target,
                             const struct attribute_value *value)
{
    (void)draft;
    if (target->message != NULL && value->text[0] != '\0') {
        target->message->long_name = value->text;
    }
}

static void set_signal_name(struct dbc_draft *draft, const struct attribute_target *target,
                            const struct attribute_value *value)
{
    (void)draft;
    struct dbc_draft_signal *signal = target->signal;
    for (; signal != NULL && value->text[0] != '\0';
         signal = dbc_draft_namesake(target->message, signal)) {
        signal->long_name = value->text;
    }
}

static void set_protocol(struct dbc_draft *draft, const struct attribute_target *target,
                         const struct attribute_value *value)
{
    (void)target;
    draft->defaults.j1939 =
        strstr(value->text, "J1939") != NULL || strstr(value->text, "NMEA2000") != NULL;
}

static void default_cycle_time(struct dbc_draft *draft, const struct attribute_value *value)
{
    draft->defaults.cycle_time_ms = milliseconds(value);
}

static void default_frame_format(struct dbc_draft *draft, const struct attribute_value *value)
{
    draft->defaults.frame_format = frame_format(&draft->defaults, value);
}

static void default_start(struct dbc_draft *draft, const struct attribute_value *value)
{
    draft->defaults.has_start = value->is_number && !int128_is_zero(value->number.mantissa);
    draft->defaults.start = value->number;
}

static void default_protocol(struct dbc_draft *draft, const struct attribute_value *value)
{
    set_protocol(draft, NULL, value);
}

/* The attributes that change what the gateway does; all others are read over. */
static const struct attribute {
    const char *name;
    void (*set)(struct dbc_draft *draft, const struct attribute_target *target,
                const struct attribute_value *value);
    void (*set_default)(struct dbc_draft *draft, const struct attribute_value *value);
} attributes[] = {
    {"GenMsgCycleTime", set_cycle_time, default_cycle_time},
    {"GenSigStartValue", set_start, default_start},
    {"VFrameFormat", set_frame_format, default_frame_format},
    {"SystemMessageLongSymbol", set_message_name, NULL},
    {"SystemSignalLongSymbol", set_signal_name, NULL},
    {"ProtocolType", set_protocol, default_protocol},
};

static const struct attribute *find_attribute(struct dbc_span name)
{
    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        if (strlen(attributes[i].name) == name.length &&
            memcmp(attributes[i].name, name.text, name.length) == 0) {
            return &attributes[i];
        }
    }
    return NULL;
}

/* The value of an attribute that nobody asks for is read over. */
static bool skip_value(struct dbc_parser *p)
{
    struct dbc_span span;
    return dbc_parser_quoted(p, &span) || dbc_lexer_number(&p->lexer, &span) ||
           dbc_lexer_word(&p->lexer, &span);
}

static bool read_value(struct dbc_parser *p, const struct attribute *attribute,
                       struct attribute_value *ret)
{
    struct dbc_span span;
    *ret = (struct attribute_value){.text = ""};
    if (attribute == NULL) {
        return skip_value(p);
    }
    if (dbc_parser_string(p, &ret->text)) {
        /* Numbers in quotes are common, for enumerations above all. */
        ret->is_number = decimal_parse(ret->text, strlen(ret->text), &ret->number) == 0;
        return true;
    }
    if (dbc_lexer_number(&p->lexer, &span)) {
        ret->is_number = decimal_parse(span.text, span.length, &ret->number) == 0;
        return true;
    }
    return dbc_parser_name(p, &ret->text);
}

/* ENUM "a","b","c" */
static void read_frame_formats(struct dbc_parser *p)
{
    struct dbc_draft_defaults *defaults = &p->draft->defaults;
    const char **formats = dbc_arena_alloc(p->draft->arena, FRAME_FORMATS_MAX, sizeof(*formats));
    size_t count = 0;
    const char *text;
    while (formats != NULL && count < FRAME_FORMATS_MAX && dbc_parser_string(p, &text)) {
        formats[count++] = text;
        (void)dbc_lexer_char(&p->lexer, ',');
    }
    if (!p->muted) {
        defaults->frame_formats = formats;
        defaults->frame_format_count = formats != NULL ? count : 0;
    }
}

void dbc_section_attribute_definition(struct dbc_parser *p)
{
    struct dbc_span kind; /* BU_, BO_, SG_, EV_ or nothing */
    struct dbc_span name = {"", 0};
    const char *type;
    (void)dbc_lexer_word(&p->lexer, &kind);
    if (!dbc_parser_quoted(p, &name)) {
        dbc_parser_warn(p, dbc_parser_here(p), "the attribute's name is missing");
    }
    const struct attribute *attribute = find_attribute(name);
    if (attribute != NULL && attribute->set == set_frame_format && dbc_parser_name(p, &type) &&
        strcmp(type, "ENUM") == 0) {
        read_frame_formats(p);
    }
    dbc_parser_skip_statement(p);
}

void dbc_section_attribute_default(struct dbc_parser *p)
{
    struct dbc_span name = {"", 0};
    struct attribute_value value;
    struct dbc_position at = dbc_parser_here(p);
    bool named = dbc_parser_quoted(p, &name);
    const struct attribute *attribute = find_attribute(name);
    if (!named || !read_value(p, attribute, &value)) {
        dbc_parser_warn(p, at, "an attribute default needs a name and a value");
        dbc_parser_skip_statement(p);
        return;
    }
    if (attribute != NULL && attribute->set_default != NULL && !p->muted) {
        attribute->set_default(p->draft, &value);
    }
    dbc_parser_end(p);
}

/* BO_ 100, SG_ 100 Name, BU_ Name, EV_ Name, or nothing: the network. */
static struct attribute_target read_target(struct dbc_parser *p)
{
    struct attribute_target target = {NULL, NULL};
    struct dbc_lexer before = p->lexer;
    struct dbc_span kind;
    struct dbc_span name;
    if (!dbc_lexer_word(&p->lexer, &kind) || kind.length != 3) {
        p->lexer = before;
        return target;
    }
    if (memcmp(kind.text, "BO_", 3) == 0) {
        target.message = dbc_parser_message(p);
    } else if (memcmp(kind.text, "SG_", 3) == 0) {
        target.message = dbc_parser_message(p);
        (void)dbc_parser_signal(p, target.message, &target.signal);
    } else if (memcmp(kind.text, "BU_", 3) == 0 || memcmp(kind.text, "EV_", 3) == 0) {
        (void)dbc_lexer_word(&p->lexer, &name);
    } else {
        p->lexer = before;
    }
    return target;
}

void dbc_section_attribute(struct dbc_parser *p)
{
    struct dbc_span name = {"", 0};
    struct attribute_value value;
    struct dbc_position at = dbc_parser_here(p);
    if (!dbc_parser_quoted(p, &name)) {
        dbc_parser_warn(p, at, "the attribute's name is missing");
        dbc_parser_skip_statement(p);
        return;
    }
    const struct attribute *attribute = find_attribute(name);
    struct attribute_target target = read_target(p);
    if (!read_value(p, attribute, &value)) {
        dbc_parser_warn(p, at, "attribute '%.*s' has no value", dbc_parser_shown(name), name.text);
    }
    if (attribute != NULL && !p->muted) {
        attribute->set(p->draft, &target, &value);
    }
    dbc_parser_end(p);
}
