/*
 * Any text as the condition of an alarm: what is refused has a reason and a place in the text; what
 * is taken equals itself, depends on the inputs that it reads alone, and `not` turns it round.
 */
#include "edge-gateway/alarm/alarm_expression.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <math.h>

#define INPUTS 3
#define WORLDS 27 /* each input unknown, low or high */

static const char *const paths[INPUTS] = {"can0/Tank/Level", "can0/Pump/State", "a/b/c"};

static bool is_word(const struct alarm_word *word, const char *text)
{
    return word->length == strlen(text) && memcmp(word->text, text, word->length) == 0;
}

static int refuse(char *error, const char *reason)
{
    (void)snprintf(error, ALARM_EXPRESSION_ERROR_BYTES, "%s", reason);
    return -EINVAL;
}

static int find_signal(void *context, const struct alarm_word *path, size_t *ret_input, char *error)
{
    (void)context;
    for (size_t i = 0; i < INPUTS; i++) {
        if (is_word(path, paths[i])) {
            *ret_input = i;
            return 0;
        }
    }
    return refuse(error, "no such signal");
}

static int find_label(void *context, size_t input, const struct alarm_word *label, double *ret,
                      char *error)
{
    (void)context;
    if (input != 1 || !is_word(label, "Running")) {
        return refuse(error, "no such label");
    }
    *ret = 1;
    return 0;
}

static int convert(void *context, size_t input, double number, const struct alarm_word *unit,
                   double *ret, char *error)
{
    (void)context;
    require(isfinite(number));
    if (unit->length > 0 && (input != 0 || !is_word(unit, "%"))) {
        return refuse(error, "another unit");
    }
    *ret = number;
    return 0;
}

static int pair(void *context, size_t one, size_t other, char *error)
{
    (void)context;
    require(one < INPUTS && other < INPUTS);
    return one == other ? refuse(error, "with itself") : 0;
}

static const struct alarm_words words = {find_signal, find_label, convert, pair, NULL};

static void make_world(unsigned number, struct alarm_input inputs[INPUTS])
{
    for (size_t i = 0; i < INPUTS; i++, number /= 3) {
        inputs[i] =
            (struct alarm_input){.number = number % 3 == 1 ? 0 : 1, .known = number % 3 > 0};
    }
}

static enum alarm_truth opposite(enum alarm_truth truth)
{
    return truth == ALARM_UNKNOWN ? truth : truth == ALARM_TRUE ? ALARM_FALSE : ALARM_TRUE;
}

/* Without an input that it does not read, it says the same. */
static void check_reads(const struct alarm_expression *expression, struct alarm_input *inputs)
{
    enum alarm_truth truth = alarm_expression_evaluate(expression, inputs);
    for (size_t i = 0; i < INPUTS; i++) {
        if (!alarm_expression_reads(expression, i)) {
            inputs[i].known = !inputs[i].known;
            require(alarm_expression_evaluate(expression, inputs) == truth);
        }
    }
}

static void check_negation(const struct alarm_expression *expression, const char *text)
{
    struct alarm_expression *negation;
    struct alarm_expression_error error;
    size_t size = strlen(text) + sizeof("not ()");
    char *negated = fuzz_alloc(size, 1);
    (void)snprintf(negated, size, "not (%s)", text);
    int r = alarm_expression_compile(negated, &words, &negation, &error);
    free(negated);
    if (r < 0) { /* too long then, or too deep */
        return;
    }
    for (unsigned number = 0; number < WORLDS; number++) {
        struct alarm_input inputs[INPUTS];
        make_world(number, inputs);
        require(alarm_expression_evaluate(negation, inputs) ==
                opposite(alarm_expression_evaluate(expression, inputs)));
    }
    alarm_expression_free(negation);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t places[INPUTS] = {0, 1, 2};
    char *text = fuzz_text(data, size);
    struct alarm_expression *expression = NULL;
    struct alarm_expression_error error = {.offset = 0};
    int r = alarm_expression_compile(text, &words, &expression, &error);
    require(r == 0 || r == -EINVAL);
    if (r < 0) {
        require(expression == NULL && error.offset <= strlen(text));
        require(error.text[0] != '\0' && memchr(error.text, '\0', sizeof(error.text)) != NULL);
    } else {
        require(alarm_expressions_equal(expression, expression, places));
        for (unsigned number = 0; number < WORLDS; number++) {
            struct alarm_input inputs[INPUTS];
            make_world(number, inputs);
            check_reads(expression, inputs);
        }
        check_negation(expression, text);
    }
    alarm_expression_free(expression);
    free(text);
    return 0;
}
