/*
 * Any two configurations of the plant: a configuration does not differ from itself, and what
 * differs, differs both ways and is named by keys of the schema. The input: two texts with the byte
 * 0x1f between them.
 */
#include "common/config_compare.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/config_plant.h"

#define KEY_BYTES 4096

static struct config *load(const char *text, size_t length)
{
    struct config *config = NULL;
    struct diagnostics *d = diagnostics_new(0);
    const struct config_text file = {"fuzz.yaml", text, length};
    require(d != NULL);
    if (config_load_text(&file, &plant_schema, d, &config) < 0) {
        require(config == NULL);
    }
    diagnostics_free(d);
    return config;
}

static bool differ(const struct config *a, const struct config *b, const char *const *except,
                   struct buf *key)
{
    buf_init(key, KEY_BYTES);
    bool found = config_find_difference(&plant_schema, config_root(a), config_root(b), except, key);
    require(buf_ok(key) && found == (key->length > 0));
    return found;
}

/* Without the first key that differs there is another one, or none. */
static void check(const struct config *a, const struct config *b)
{
    const char *except[16] = {NULL};
    struct buf keys[2];
    for (size_t i = 0; i < 15; i++) {
        bool found = differ(a, b, except, &keys[0]);
        require(differ(b, a, except, &keys[1]) == found);
        const struct config_key *key = plant_schema.keys;
        if (found) {
            require(strcmp(keys[0].data, keys[1].data) == 0);
            size_t length = strcspn(keys[0].data, ".");
            while (key->name != NULL &&
                   (strlen(key->name) != length || strncmp(key->name, keys[0].data, length) != 0)) {
                key++;
            }
            require(key->name != NULL);
            require(config_key_differs(key, config_root(a), config_root(b)));
        }
        except[i] = found ? key->name : NULL;
        buf_deinit(&keys[0]);
        buf_deinit(&keys[1]);
        if (!found) {
            return;
        }
    }
    require(false); /* more keys than there are */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *separator = size > 0 ? memchr(data, 0x1f, size) : NULL;
    if (separator == NULL) {
        return 0;
    }
    size_t length = (size_t)(separator - data);
    struct config *a = load((const char *)data, length);
    struct config *b = load((const char *)separator + 1, size - length - 1);
    if (a != NULL) {
        struct config *again = load((const char *)data, length);
        require(again != NULL);
        check(a, again);
        const char *const nothing[] = {NULL};
        struct buf key;
        require(!differ(a, again, nothing, &key));
        buf_deinit(&key);
        config_free(again);
    }
    if (a != NULL && b != NULL) {
        check(a, b);
    }
    config_free(a);
    config_free(b);
    return 0;
}
