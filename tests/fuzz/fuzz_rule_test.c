/*
 * Any text as a rule test of examples/automation.yaml: each line is understood or complained of, in
 * its place, and the counts are those of the lines.
 *
 * Time that passes costs time, so inputs with a lot of it are left to people.
 */
#include "automation-node/app/rule_test.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>

#define CONFIG     "config " SOURCE_DIR "/examples/automation.yaml\n"
#define TIMES_MAX  3
#define DIGITS_MAX 3

/* "+10min" at most DIGITS_MAX digits long and not of hours or days; "06:30" a few times. */
static bool takes_long(const char *text)
{
    size_t times = 0;
    for (const char *c = text; *c != '\0'; c++) {
        times += *c == ':' ? 1 : 0;
        if (*c == '+') {
            size_t digits = strspn(c + 1, "0123456789.eE");
            times += 1;
            if (digits > DIGITS_MAX || strchr("hdw", c[1 + digits]) != NULL) {
                return true;
            }
        }
    }
    return times > TIMES_MAX;
}

static size_t count_lines(const char *text, const char *first_word)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, first_word)) != NULL; at++) {
        count++;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rule_test_result result;
    char *text = fuzz_alloc(sizeof(CONFIG) + size + 1, 1);
    memcpy(text, CONFIG, sizeof(CONFIG) - 1);
    memcpy(text + sizeof(CONFIG) - 1, data, size);
    if (!takes_long(text + sizeof(CONFIG) - 1)) {
        size_t lines = count_lines(text, "expect");
        struct diagnostics *d = diagnostics_new(0);
        require(d != NULL);
        int r = rule_test_run_text("fuzz.test", text, d, &result);
        require(r == 0 || r == -EINVAL || r == -ENOMEM);
        require(result.failures <= result.expectations && result.expectations <= lines);
        require((r < 0 || result.failures > 0) == (diagnostics_count(d, SEVERITY_ERROR) > 0));
        diagnostics_free(d);
    }
    free(text);
    return 0;
}
