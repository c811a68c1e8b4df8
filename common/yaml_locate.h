/*
 * From a place inside the value of a YAML scalar back to the place in the file: past quotes,
 * escapes, folded lines and the indentation of blocks. Pure; for messages about texts that have a
 * grammar of their own.
 */
#ifndef EDGE_COMMON_YAML_LOCATE_H
#define EDGE_COMMON_YAML_LOCATE_H

#include <stddef.h>

struct yaml_place {
    unsigned line;   /* from 1 */
    unsigned column; /* in characters, from 1 */
};

/* `text` is the whole file, NUL-terminated and well-formed YAML; the scalar begins at `start`. Byte
 * `offset` of its value; one behind the end is allowed. The start itself when that cannot be told:
 * behind a ${VARIABLE}, whose length is not in the file. */
struct yaml_place yaml_locate(const char *text, struct yaml_place start, size_t offset);

#endif
