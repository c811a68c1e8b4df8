/*
 * "Did you mean ...?": finds the candidate nearest to what a person wrote. Pure; compares bytes,
 * ignoring ASCII case. Distance is the optimal string alignment distance: insertions, deletions,
 * substitutions and transpositions of neighbours cost 1 each.
 */
#ifndef EDGE_COMMON_SUGGEST_H
#define EDGE_COMMON_SUGGEST_H

#include <stddef.h>

#define SUGGEST_LENGTH_MAX 64 /* longer texts get no suggestion */

/* Offer candidates one by one, then read `best`. */
struct suggest {
    const char *text;  /* what the person wrote; borrowed */
    const char *best;  /* nearest candidate so far, borrowed; NULL if none is near enough */
    unsigned distance; /* of `best` */
};

void suggest_init(struct suggest *s, const char *text);

/* Near enough means: at most a third of the text is wrong. The first of equals wins. */
void suggest_offer(struct suggest *s, const char *candidate);

/* SUGGEST_LENGTH_MAX + 1 if either text is longer than SUGGEST_LENGTH_MAX. */
unsigned suggest_distance(const char *a, const char *b);

#endif
