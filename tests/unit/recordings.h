/* A directory of recordings for a test: what is in it, and how it goes away. */
#ifndef EDGE_TESTS_UNIT_RECORDINGS_H
#define EDGE_TESTS_UNIT_RECORDINGS_H

#include <stdbool.h>
#include <stddef.h>

#define RECORDINGS_PATH_SIZE 512

struct recordings {
    char parent[64];
    char path[80]; /* in `parent`; not there at first */
};

void recordings_make(struct recordings *r);
void recordings_remove(struct recordings *r);

void recordings_path(const struct recordings *r, const char *name, char path[RECORDINGS_PATH_SIZE]);
void recordings_write(const struct recordings *r, const char *name, const char *text);
bool recordings_has(const struct recordings *r, const char *name);
/* Files of any name, hidden ones included. */
size_t recordings_count(const struct recordings *r);
/* The whole file, for free(). */
char *recordings_read(const struct recordings *r, const char *name);

#endif
