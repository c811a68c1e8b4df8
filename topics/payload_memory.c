#include "topics/payload_memory.h"

#include "topics/limits.h"
#include "topics/payload_json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_DEFINITION "definition"
#define KEY_EPOCH      "epoch"
#define KEY_DATA       "data"
#define HASH_DIGITS    16

void payload_memory_write(struct json_writer *w, const struct payload_memory *memory)
{
    char hash[HASH_DIGITS + 1];
    (void)snprintf(hash, sizeof(hash), "%016" PRIx64, memory->definition);
    json_object_begin(w, NULL);
    json_string(w, KEY_DEFINITION, hash);
    json_u64(w, KEY_EPOCH, memory->epoch);
    json_string(w, KEY_DATA, memory->data);
    json_object_end(w);
}

static int read_memory(struct payload_memory *memory, struct payload_error *reterr)
{
    const char *hash = NULL;
    const cJSON *document = memory->document;
    int r = payload_json_text(document, KEY_DEFINITION, HASH_DIGITS, &hash, reterr);
    r = r < 0
            ? r
            : payload_json_u64(document, KEY_EPOCH, 0, PAYLOAD_INTEGER_MAX, &memory->epoch, reterr);
    r = r < 0 ? r
              : payload_json_text(document, KEY_DATA, PAYLOAD_MEMORY_MAX_BYTES, &memory->data,
                                  reterr);
    if (r < 0) {
        return r;
    }
    if (hash == NULL || strlen(hash) != HASH_DIGITS ||
        strspn(hash, "0123456789abcdef") != HASH_DIGITS || memory->data == NULL) {
        payload_fail(reterr,
                     "no '" KEY_DEFINITION "' of %d hexadecimal digits, or no '" KEY_DATA "'",
                     HASH_DIGITS);
        return -EINVAL;
    }
    memory->definition = strtoull(hash, NULL, 16);
    return 0;
}

int payload_memory_decode(const char *text, size_t length, struct payload_memory *ret,
                          struct payload_error *reterr)
{
    cJSON *document;
    int r = payload_json_object(text, length, PAYLOAD_MEMORY_MAX_BYTES, &document, reterr);
    if (r < 0) {
        return r;
    }
    struct payload_memory memory = {.document = document};
    r = read_memory(&memory, reterr);
    if (r < 0) {
        payload_memory_deinit(&memory);
        return r;
    }
    *ret = memory;
    return 0;
}

void payload_memory_deinit(struct payload_memory *memory)
{
    cJSON_Delete(memory->document);
    *memory = (struct payload_memory){0};
}
