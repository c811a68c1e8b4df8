/*
 * Any bytes as a gateway's catalog, which a person may have saved to a file: it is read or refused,
 * and whatever it offers can be looked up.
 */
#include "tests/fuzz/fuzz.h"
#include "topics/payload_catalog_read.h"
#include "topics/utf8.h"

#include <errno.h>
#include <math.h>

struct search {
    const struct payload_catalog *catalog;
    const char *message;
};

static void check_signal(void *context, const char *signal)
{
    const struct search *search = context;
    struct payload_catalog_found found;
    enum payload_catalog_lookup lookup =
        payload_catalog_find(search->catalog, NULL, search->message, signal, &found);
    require(lookup == PAYLOAD_CATALOG_FOUND);
    require(found.unit != NULL);
    require(!found.has_range || (isfinite(found.min) && isfinite(found.max)));
    require(isfinite(found.cycle_ms));
    for (size_t i = 0; i < found.label_count; i++) {
        require(payload_catalog_label_at(&found, i) != NULL);
    }
}

static void check_message(void *context, const char *message)
{
    struct search *search = context;
    struct payload_catalog_found found;
    enum payload_catalog_lookup lookup =
        payload_catalog_find(search->catalog, NULL, message, "no such signal", &found);
    require(lookup != PAYLOAD_CATALOG_NO_MESSAGE);
    search->message = message;
    payload_catalog_offer(search->catalog, NULL, message, check_signal, search);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct payload_error error = {""};
    struct payload_catalog *catalog;
    int r = payload_catalog_decode((const char *)data, size, &catalog, &error);
    if (r < 0) {
        require(r == -EINVAL || r == -EMSGSIZE);
        require(error.text[0] != '\0');
        require(utf8_is_printable(error.text, strlen(error.text)));
        return 0;
    }
    struct search search = {.catalog = catalog};
    payload_catalog_offer(catalog, NULL, "no such message", check_message, &search);
    payload_catalog_free(catalog);
    return 0;
}
