/* Each key of a schema is told once, with its path, what it may be and what it is for. */
#include "common/config_keys.h"

#include "tests/unit/cmocka_all.h"

struct step {
    const char *say;
    const struct step *then;
    size_t then_count;
};

struct lamp {
    const char *name;
    int colour;
    int64_t delay_us;
    double power;
    const char *secret;
    const char *const *files;
    size_t file_count;
    struct config_named_string *words;
    size_t word_count;
};

struct plant {
    const struct lamp *lamps;
    size_t lamp_count;
    const struct step *steps;
    size_t step_count;
};

static const struct config_section step_section;

static const struct config_key step_keys[] = {
    {.name = "say", .type = CONFIG_STRING, CONFIG_FIELD(struct step, say), .help = "what is said"},
    {.name = "then",
     .type = CONFIG_SECTION,
     CONFIG_LIST(struct step, then, then_count),
     .section = &step_section,
     .help = "what follows"},
    {.name = NULL},
};
static const struct config_section step_section = CONFIG_STRUCT(struct step, step_keys);

static const struct config_name colours[] = {{"red", 0}, {"green", 1}, {NULL, 0}};

static const struct config_key lamp_keys[] = {
    {.name = "colour",
     .type = CONFIG_ENUM,
     CONFIG_FIELD(struct lamp, colour),
     .names = colours,
     .fallback = "red",
     .help = "its colour"},
    {.name = "delay",
     .type = CONFIG_DURATION,
     CONFIG_FIELD(struct lamp, delay_us),
     .fallback = "0s",
     .max = "1h",
     .help = "its delay"},
    {.name = "power",
     .type = CONFIG_NUMBER,
     CONFIG_FIELD(struct lamp, power),
     .unit = "W",
     .min = "1 W",
     .max = "9 W",
     .help = "its power"},
    {.name = "secret",
     .type = CONFIG_STRING,
     CONFIG_FIELD(struct lamp, secret),
     .flags = CONFIG_SECRET | CONFIG_REQUIRED,
     .max = "8",
     .help = "its secret"},
    {.name = "files",
     .type = CONFIG_PATH,
     CONFIG_LIST(struct lamp, files, file_count),
     .help = "its files"},
    {.name = "words",
     .type = CONFIG_STRING,
     CONFIG_MAP(struct lamp, words, word_count),
     .help = "its words"},
    {.name = NULL},
};
static const struct config_section lamp_section = CONFIG_STRUCT(struct lamp, lamp_keys);

static const struct config_key plant_keys[] = {
    {.name = "lamps",
     .type = CONFIG_SECTION,
     CONFIG_MAP(struct plant, lamps, lamp_count),
     .section = &lamp_section,
     .flags = CONFIG_REQUIRED,
     .help = "lamps, by name"},
    {.name = "steps",
     .type = CONFIG_SECTION,
     CONFIG_LIST(struct plant, steps, step_count),
     .section = &step_section,
     .help = "in their order"},
    {.name = NULL},
};
static const struct config_section plant_schema = CONFIG_STRUCT(struct plant, plant_keys);

static void test_every_key_is_told_with_its_path_and_limits(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, 65536);
    config_keys_print(&plant_schema, &out);
    assert_true(buf_ok(&out));
    assert_string_equal(
        out.data,
        "lamps.<name>: sections by name, required\n    lamps, by name\n"
        "lamps.<name>.colour: red | green, default red\n    its colour\n"
        "lamps.<name>.delay: a duration, at most 1h, default 0s\n    its delay\n"
        "lamps.<name>.power: a number in W, 1 W to 9 W\n    its power\n"
        "lamps.<name>.secret: text, at most 8 bytes, never printed, required\n    its secret\n"
        "lamps.<name>.files: a path, or a list\n    its files\n"
        "lamps.<name>.words.<name>: text\n    its words\n"
        "steps[]: a list of sections\n    in their order\n"
        "steps[].say: text\n    what is said\n"
        "steps[].then[]: as steps[]\n    what follows\n");
    buf_deinit(&out);
}

static void test_a_key_is_found_by_its_name(void **state)
{
    (void)state;
    assert_ptr_equal(config_keys_find(&lamp_section, "power"), &lamp_keys[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key_is_told_with_its_path_and_limits),
        cmocka_unit_test(test_a_key_is_found_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
