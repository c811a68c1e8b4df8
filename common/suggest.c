#include "common/suggest.h"

#include <stdbool.h>
#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same(char a, char b)
{
    return lower(a) == lower(b);
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned ab = a < b ? a : b;
    return ab < c ? ab : c;
}

unsigned suggest_distance(const char *a, const char *b)
{
    size_t na = strnlen(a, SUGGEST_LENGTH_MAX + 1);
    size_t nb = strnlen(b, SUGGEST_LENGTH_MAX + 1);
    if (na > SUGGEST_LENGTH_MAX || nb > SUGGEST_LENGTH_MAX) {
        return SUGGEST_LENGTH_MAX + 1;
    }
    /* rows[i % 3][j] = distance of the first i bytes of a to the first j bytes of b; a
     * transposition looks two rows back */
    unsigned rows[3][SUGGEST_LENGTH_MAX + 1];
    for (size_t j = 0; j <= nb; j++) {
        rows[0][j] = (unsigned)j;
    }
    for (size_t i = 1; i <= na; i++) {
        unsigned *now = rows[i % 3];
        const unsigned *before = rows[(i + 2) % 3];
        const unsigned *two_before = rows[(i + 1) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= nb; j++) {
            unsigned cost = same(a[i - 1], b[j - 1]) ? 0 : 1;
            now[j] = least(before[j] + 1, now[j - 1] + 1, before[j - 1] + cost);
            bool swapped = i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]);
            if (swapped && two_before[j - 2] + 1 < now[j]) {
                now[j] = two_before[j - 2] + 1;
            }
        }
    }
    return rows[na % 3][nb];
}

void suggest_init(struct suggest *s, const char *text)
{
    size_t length = strnlen(text, SUGGEST_LENGTH_MAX);
    unsigned allowed = length < 6 ? 1 : (unsigned)(length / 3);
    *s = (struct suggest){.text = text, .distance = allowed + 1};
}

void suggest_offer(struct suggest *s, const char *candidate)
{
    size_t ours = strlen(s->text);
    size_t theirs = strlen(candidate);
    if ((ours > theirs ? ours - theirs : theirs - ours) >= s->distance) {
        return; /* that many insertions alone are too far */
    }
    unsigned distance = suggest_distance(s->text, candidate);
    /* replacing every byte is no resemblance, however short the text */
    if (distance < s->distance && distance < theirs) {
        s->best = candidate;
        s->distance = distance;
    }
}
