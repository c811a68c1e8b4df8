/*
 * Any bytes as a configuration: must load or be refused with a reason, and what loads must print to
 * a text that loads to the same.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/config_plant.h"

static struct config *load(const char *text, size_t length)
{
    struct diagnostics *d = diagnostics_new(0);
    require(d != NULL);
    struct config_text named = {"fuzz.yaml", text, length};
    struct config *c = NULL;
    int r = config_load_text(&named, &plant_schema, d, &c);
    require((r == 0) == (c != NULL));
    require((r == 0) == (diagnostics_count(d, SEVERITY_ERROR) == 0));
    for (size_t i = 0; i < diagnostics_kept(d); i++) {
        const struct diagnostic *entry = diagnostics_at(d, i);
        require(strpbrk(entry->message, "\r\n") == NULL);
        require(entry->line > 0 || entry->column == 0);
    }
    diagnostics_free(d);
    return c;
}

static void print(const struct config *c, struct buf *out)
{
    buf_init(out, 64u * 1024u * 1024u);
    config_print(c, out);
    require(buf_ok(out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config *first = load((const char *)data, size);
    if (first == NULL) {
        return 0;
    }
    struct buf printed;
    print(first, &printed);
    struct config *second = load(printed.data, printed.length);
    require(second != NULL);
    require(config_hash(first) == config_hash(second));
    struct buf again;
    print(second, &again);
    require(strcmp(printed.data, again.data) == 0);
    buf_deinit(&again);
    buf_deinit(&printed);
    config_free(second);
    config_free(first);
    return 0;
}
