#include "common/config_types.h"

#include "common/parse.h"
#include "common/quote.h"
#include "common/suggest.h"
#include "common/units.h"
#include "common/yaml_text.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#define STRING_MAX_BYTES 4096
#define ID_MAX_BYTES     64

struct type {
    const char *what;
    const char *hint;
    size_t size;
    size_t named_size;
    size_t named_offset;
    const char *min; /* where the row gives none */
    /* 0, -ENOMEM, -ERANGE, or -EINVAL; on -EINVAL with nothing in s->why the general complaint is
     * made from `what` and `hint`. */
    int (*parse)(const struct config_scalar *s, const char *text, void *field);
    /* NULL: the parser looks at the limits itself. */
    int (*compare)(const struct config_key *key, const void *a, const void *b);
    void (*print)(const struct config_key *key, const void *field, struct buf *out);
};

/* ---- strings ---- */

static size_t length_limit(const struct config_key *key, size_t otherwise)
{
    uint64_t limit = otherwise;
    if (key->max != NULL) {
        int r = parse_u64(key->max, strlen(key->max), STRING_MAX_BYTES, &limit);
        assert(r == 0);
        (void)r;
    }
    return (size_t)limit;
}

static int store_string(const struct config_scalar *s, const char *text, void *field)
{
    const char *copy = arena_copy(s->arena, text, strlen(text));
    if (copy == NULL) {
        return -ENOMEM;
    }
    memcpy(field, &copy, sizeof(copy));
    return 0;
}

static int parse_string(const struct config_scalar *s, const char *text, void *field)
{
    size_t limit = length_limit(s->key, STRING_MAX_BYTES);
    if (strlen(text) > limit) {
        buf_printf(s->why, "the text is too long - at most %zu bytes are allowed", limit);
        return -EINVAL;
    }
    return store_string(s, text, field);
}

bool config_types_is_id(const char *text, size_t max)
{
    size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789_-");
    return length > 0 && length <= max && text[length] == '\0';
}

static int parse_id(const struct config_scalar *s, const char *text, void *field)
{
    size_t limit = length_limit(s->key, ID_MAX_BYTES);
    if (strlen(text) > limit) {
        buf_printf(s->why, "the id is too long - at most %zu characters are allowed", limit);
        return -EINVAL;
    }
    return config_types_is_id(text, limit) ? store_string(s, text, field) : -EINVAL;
}

static int parse_path(const struct config_scalar *s, const char *text, void *field)
{
    if (text[0] == '\0') {
        return -EINVAL;
    }
    if (text[0] == '/') {
        return parse_string(s, text, field);
    }
    struct buf path;
    buf_init(&path, 2 * STRING_MAX_BYTES);
    buf_printf(&path, "%s%s", s->directory, text);
    int r = buf_error(&path);
    if (r == 0) {
        r = parse_string(s, path.data, field);
    }
    buf_deinit(&path);
    return r == -EMSGSIZE ? -EINVAL : r;
}

static void print_string(const struct config_key *key, const void *field, struct buf *out)
{
    if (!config_types_is_set(key, field)) {
        return;
    }
    if ((key->flags & CONFIG_SECRET) != 0) {
        buf_puts(out, "'********'");
        return;
    }
    const char *text;
    memcpy(&text, field, sizeof(text));
    char escaped[2 * STRING_MAX_BYTES + 1]; /* "$" is "$$" where variables are expanded */
    size_t length = 0;
    for (; *text != '\0' && length + 2 < sizeof(escaped); text++) {
        if (*text == '$') {
            escaped[length++] = '$';
        }
        escaped[length++] = *text;
    }
    escaped[length] = '\0';
    assert(*text == '\0'); /* no longer than parse_string() takes */
    yaml_text_print(escaped, out);
}

/* ---- words ---- */

static int parse_bool(const struct config_scalar *s, const char *text, void *field)
{
    (void)s;
    static const struct {
        const char *word;
        bool value;
    } words[] = {{"true", true},   {"yes", true}, {"on", true},
                 {"false", false}, {"no", false}, {"off", false}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasecmp(text, words[i].word) == 0) {
            memcpy(field, &words[i].value, sizeof(words[i].value));
            return 0;
        }
    }
    return -EINVAL;
}

static void print_bool(const struct config_key *key, const void *field, struct buf *out)
{
    (void)key;
    bool value;
    memcpy(&value, field, sizeof(value));
    buf_puts(out, value ? "true" : "false");
}

static void explain_names(const struct config_name *names, const char *text, struct buf *why)
{
    struct suggest nearest;
    suggest_init(&nearest, text);
    for (const struct config_name *n = names; n->name != NULL; n++) {
        suggest_offer(&nearest, n->name);
    }
    buf_printf(why, "%s is not known here - ", quote_text(&(struct quote){0}, text));
    if (nearest.best != NULL) {
        buf_printf(why, "did you mean '%s'?", nearest.best);
        return;
    }
    buf_puts(why, "write ");
    for (const struct config_name *n = names; n->name != NULL; n++) {
        const char *separator = n == names ? "" : n[1].name == NULL ? " or " : ", ";
        buf_printf(why, "%s%s", separator, n->name);
    }
}

static int parse_enum(const struct config_scalar *s, const char *text, void *field)
{
    for (const struct config_name *n = s->key->names; n->name != NULL; n++) {
        if (strcmp(text, n->name) == 0) {
            memcpy(field, &n->value, sizeof(n->value));
            return 0;
        }
    }
    explain_names(s->key->names, text, s->why);
    return -EINVAL;
}

static void print_enum(const struct config_key *key, const void *field, struct buf *out)
{
    int value;
    memcpy(&value, field, sizeof(value));
    for (const struct config_name *n = key->names; n->name != NULL; n++) {
        if (n->value == value) {
            buf_puts(out, n->name);
            return;
        }
    }
}

/* ---- whole numbers: plain, durations, sizes ---- */

static int parse_int(const struct config_scalar *s, const char *text, void *field)
{
    (void)s;
    int64_t value;
    int r = parse_i64(text, strlen(text), INT64_MIN, INT64_MAX, &value);
    if (r == 0) {
        memcpy(field, &value, sizeof(value));
    }
    return r;
}

static int parse_duration(const struct config_scalar *s, const char *text, void *field)
{
    (void)s;
    int64_t us;
    int r = quantity_parse_duration(text, &us);
    if (r == 0) {
        memcpy(field, &us, sizeof(us));
    }
    return r;
}

static int parse_bytes(const struct config_scalar *s, const char *text, void *field)
{
    (void)s;
    int64_t bytes;
    int r = quantity_parse_bytes(text, &bytes);
    if (r == 0) {
        memcpy(field, &bytes, sizeof(bytes));
    }
    return r;
}

static int64_t load_int64(const void *field)
{
    int64_t value;
    memcpy(&value, field, sizeof(value));
    return value;
}

static int compare_int64(const struct config_key *key, const void *a, const void *b)
{
    (void)key;
    int64_t x = load_int64(a);
    int64_t y = load_int64(b);
    return x < y ? -1 : x > y;
}

static void print_int(const struct config_key *key, const void *field, struct buf *out)
{
    (void)key;
    buf_printf(out, "%" PRId64, load_int64(field));
}

static void print_duration(const struct config_key *key, const void *field, struct buf *out)
{
    (void)key;
    quantity_format_duration(load_int64(field), out);
}

static void print_bytes(const struct config_key *key, const void *field, struct buf *out)
{
    (void)key;
    quantity_format_bytes(load_int64(field), out);
}

/* ---- real numbers and quantities ---- */

static bool is_difference(const struct config_key *key)
{
    return (key->flags & CONFIG_DIFFERENCE) != 0;
}

/* A quantity of the row's kind; one without unit gets the row's. */
static int parse_measure(const struct config_scalar *s, const char *text, struct quantity *ret)
{
    struct quantity q;
    int r = quantity_parse(text, &q);
    if (r < 0) {
        return r;
    }
    const char *unit = s->key->unit;
    if (unit != NULL && q.unit[0] == '\0') {
        assert(strlen(unit) < sizeof(q.unit));
        memcpy(q.unit, unit, strlen(unit) + 1);
    }
    if (unit != NULL && !units_same_dimension(q.unit, unit)) {
        buf_printf(s->why, "%s is not in %s or a unit of that kind",
                   quote_text(&(struct quote){0}, text), unit);
        return -EINVAL;
    }
    *ret = q;
    return 0;
}

static int parse_quantity(const struct config_scalar *s, const char *text, void *field)
{
    struct quantity q;
    int r = parse_measure(s, text, &q);
    if (r == 0) {
        memcpy(field, &q, sizeof(q));
    }
    return r;
}

static int parse_number(const struct config_scalar *s, const char *text, void *field)
{
    double value;
    if (s->key->unit == NULL) {
        int r = parse_f64(text, strlen(text), &value);
        if (r < 0) {
            return r;
        }
    } else {
        struct quantity q;
        int r = parse_measure(s, text, &q);
        if (r < 0) {
            return r;
        }
        r = units_convert(q.value, q.unit, s->key->unit, is_difference(s->key), &value);
        if (r < 0 || !isfinite(value)) {
            return -ERANGE;
        }
    }
    memcpy(field, &value, sizeof(value));
    return 0;
}

static int compare_doubles(double x, double y)
{
    return x < y ? -1 : x > y;
}

static int compare_numbers(const struct config_key *key, const void *a, const void *b)
{
    (void)key;
    double x;
    double y;
    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return compare_doubles(x, y);
}

/* Rows with limits have a unit, so both sides convert. */
static int compare_quantities(const struct config_key *key, const void *a, const void *b)
{
    struct quantity x;
    struct quantity y;
    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    double converted = x.value;
    int r = units_convert(x.value, x.unit, y.unit, is_difference(key), &converted);
    assert(r == 0);
    (void)r;
    return compare_doubles(converted, y.value);
}

static void print_number(const struct config_key *key, const void *field, struct buf *out)
{
    double value;
    memcpy(&value, field, sizeof(value));
    quantity_format_number(value, out);
    if (key->unit != NULL) {
        buf_printf(out, " %s", key->unit);
    }
}

static void print_quantity(const struct config_key *key, const void *field, struct buf *out)
{
    (void)key;
    struct quantity q;
    memcpy(&q, field, sizeof(q));
    struct buf text;
    buf_init(&text, 2 * QUANTITY_UNIT_SIZE + 64);
    quantity_format(&q, &text);
    if (buf_ok(&text)) {
        yaml_text_print(text.data, out);
    } else {
        buf_fail(out, &text);
    }
    buf_deinit(&text);
}

/* ---- the table ---- */

#define NAMED(kind)                                   \
    .named_size = sizeof(struct config_named_##kind), \
    .named_offset = offsetof(struct config_named_##kind, value)

static const struct type types[] = {
    [CONFIG_STRING] = {"text", "put it in quotes", sizeof(const char *), NAMED(string),
                       .parse = parse_string, .print = print_string},
    [CONFIG_ID] = {"an id", "use only letters, digits, '_' and '-'", sizeof(const char *),
                   NAMED(string), .parse = parse_id, .print = print_string},
    [CONFIG_PATH] = {"a path", "write the name of a file", sizeof(const char *), NAMED(string),
                     .parse = parse_path, .print = print_string},
    [CONFIG_BOOL] = {"true or false", "write true or false", sizeof(bool), .parse = parse_bool,
                     .print = print_bool},
    [CONFIG_INT] = {"a whole number", "write it like 42", sizeof(int64_t), NAMED(int64),
                    .parse = parse_int, .compare = compare_int64, .print = print_int},
    [CONFIG_NUMBER] = {"a number", "write it like 0.5", sizeof(double), NAMED(number),
                       .parse = parse_number, .compare = compare_numbers, .print = print_number},
    [CONFIG_DURATION] = {"a duration", "write it like 250ms, 5s or 2min", sizeof(int64_t),
                         NAMED(int64), .min = "0", .parse = parse_duration,
                         .compare = compare_int64, .print = print_duration},
    [CONFIG_BYTES] = {"a size", "write it like 512kB or 64MiB", sizeof(int64_t), NAMED(int64),
                      .parse = parse_bytes, .compare = compare_int64, .print = print_bytes},
    [CONFIG_QUANTITY] = {"a quantity", "write it like 0.2 °C", sizeof(struct quantity),
                         NAMED(quantity), .parse = parse_quantity, .compare = compare_quantities,
                         .print = print_quantity},
    [CONFIG_ENUM] = {"one of the known words", "write one of them", sizeof(int),
                     .parse = parse_enum, .print = print_enum},
};
_Static_assert(sizeof(types) / sizeof(types[0]) == CONFIG_SECTION, "one row per scalar type");

/* A value of any scalar type. */
union value {
    int64_t int64;
    double number;
    struct quantity quantity;
};

static bool beyond(const struct config_scalar *s, const void *field, const char *limit, int sign)
{
    const struct type *type = &types[s->key->type];
    if (limit == NULL || type->compare == NULL) {
        return false;
    }
    union value bound;
    int r = type->parse(s, limit, &bound);
    assert(r == 0);
    (void)r;
    return type->compare(s->key, field, &bound) * sign > 0;
}

static void explain_range(const char *text, const char *min, const char *max, struct buf *why)
{
    buf_printf(why, "%s is out of range - ", quote_text(&(struct quote){0}, text));
    if (min != NULL && max != NULL) {
        buf_printf(why, "allowed is %s to %s", min, max);
    } else if (min != NULL) {
        buf_printf(why, "must be at least %s", min);
    } else {
        buf_printf(why, "must be at most %s", max);
    }
}

int config_types_parse(const struct config_scalar *s, const char *text, void *field)
{
    const struct type *type = &types[s->key->type];
    const char *min = s->key->min != NULL ? s->key->min : type->min;
    const char *max = s->key->max;
    int r = type->parse(s, text, field);
    if (r == -ERANGE && max == NULL) {
        buf_printf(s->why, "%s is too large or too fine", quote_text(&(struct quote){0}, text));
        return -EINVAL;
    }
    if (r == 0 && (beyond(s, field, min, -1) || beyond(s, field, max, 1))) {
        r = -ERANGE;
    }
    if (r == -ERANGE) {
        explain_range(text, min, max, s->why);
        return -EINVAL;
    }
    if (r == -EINVAL && s->why->length == 0) {
        buf_printf(s->why, "%s is not %s - %s", quote_text(&(struct quote){0}, text), type->what,
                   type->hint);
    }
    return r;
}

void config_types_print(const struct config_key *key, const void *field, struct buf *out)
{
    types[key->type].print(key, field, out);
}

bool config_types_is_set(const struct config_key *key, const void *field)
{
    if (types[key->type].print != print_string) {
        return true;
    }
    const char *text;
    memcpy(&text, field, sizeof(text));
    return text != NULL;
}

const char *config_types_what(enum config_type type)
{
    return type == CONFIG_SECTION ? "a mapping" : types[type].what;
}

const char *config_types_hint(enum config_type type)
{
    return types[type].hint;
}

size_t config_types_size(enum config_type type)
{
    return types[type].size;
}

size_t config_types_named_size(enum config_type type)
{
    return types[type].named_size;
}

size_t config_types_named_offset(enum config_type type)
{
    return types[type].named_offset;
}

struct config_items config_types_items(const struct config_key *key, const char *base)
{
    struct config_items items = {base + key->offset, 1};
    if (key->shape == CONFIG_SHAPE_FIELD) {
        return items;
    }
    memcpy(&items.data, base + key->offset, sizeof(items.data));
    if (key->shape == CONFIG_SHAPE_POINTER) {
        items.count = items.data != NULL ? 1 : 0;
    } else {
        memcpy(&items.count, base + key->count_offset, sizeof(items.count));
    }
    return items;
}
