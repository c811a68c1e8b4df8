/* Whether two things are configured alike: a hash of what defines them (FNV-1a, 64 bits). */
#ifndef EDGE_AUTOMATION_STATE_DIGEST_H
#define EDGE_AUTOMATION_STATE_DIGEST_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define DIGEST_EMPTY UINT64_C(14695981039346656037)

static inline void digest_bytes(uint64_t *digest, const void *data, size_t length)
{
    const unsigned char *bytes = data;
    for (size_t i = 0; i < length; i++) {
        *digest = (*digest ^ bytes[i]) * UINT64_C(1099511628211);
    }
}

static inline void digest_u64(uint64_t *digest, uint64_t value)
{
    digest_bytes(digest, &value, sizeof(value));
}

static inline void digest_i64(uint64_t *digest, int64_t value)
{
    digest_bytes(digest, &value, sizeof(value));
}

static inline void digest_double(uint64_t *digest, double value)
{
    digest_bytes(digest, &value, sizeof(value));
}

/* With its end, so that "ab" and "c" are not "a" and "bc"; NULL is not "". */
static inline void digest_text(uint64_t *digest, const char *text)
{
    digest_u64(digest, text != NULL ? 1 : 0);
    if (text != NULL) {
        digest_bytes(digest, text, strlen(text) + 1);
    }
}

#endif
