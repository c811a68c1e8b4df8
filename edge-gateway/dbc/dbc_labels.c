#include "edge-gateway/dbc/dbc_labels.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PHRASE_MAX_BYTES 64

/* Lower case, runs of anything but letters and digits as one space: "Not_Available" as its words.
 */
static void normalise(const char *text, char phrase[PHRASE_MAX_BYTES])
{
    size_t used = 0;
    for (; *text != '\0' && used < PHRASE_MAX_BYTES - 2; text++) {
        char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
        bool keep = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
        if (keep) {
            phrase[used++] = c;
        } else if (used > 0 && phrase[used - 1] != ' ') {
            phrase[used++] = ' ';
        }
    }
    while (used > 0 && phrase[used - 1] == ' ') {
        used--;
    }
    phrase[used] = '\0';
}

static bool has_word(const char *phrase, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = phrase; (at = strstr(at, word)) != NULL; at++) {
        bool begins = at == phrase || at[-1] == ' ';
        bool ends = at[length] == ' ' || at[length] == '\0';
        if (begins && ends) {
            return true;
        }
    }
    return false;
}

bool dbc_label_means_not_available(const char *text)
{
    static const char *const whole[] = {"na",
                                        "n a",
                                        "error",
                                        "err",
                                        "invalid",
                                        "signal invalid",
                                        "invalid signal",
                                        "invalid value",
                                        "value invalid",
                                        "data invalid",
                                        "invalid data",
                                        "error indicator",
                                        "signal error",
                                        "error value",
                                        "sensor error"};
    static const char *const words[] = {"sna", "not available", "notavailable", "unavailable",
                                        "not avail"};
    char phrase[PHRASE_MAX_BYTES];
    normalise(text, phrase);
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        if (strcmp(phrase, whole[i]) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (has_word(phrase, words[i])) {
            return true;
        }
    }
    return false;
}

bool dbc_label_same_words(const char *a, const char *b)
{
    char x[PHRASE_MAX_BYTES];
    char y[PHRASE_MAX_BYTES];
    normalise(a, x);
    normalise(b, y);
    /* What was cut off decides, too; only then does the exact text matter. */
    return strcmp(x, y) == 0 && (strlen(x) < PHRASE_MAX_BYTES - 2 || strcmp(a, b) == 0);
}

static int compare_raw(const void *a, const void *b)
{
    const struct dbc_label *x = a;
    const struct dbc_label *y = b;
    return (x->raw > y->raw) - (x->raw < y->raw);
}

/* Merges the sorted runs [0, middle) and [middle, count) of `from`; equal rows keep their order. */
static void merge_runs(const struct dbc_label *from, size_t middle, size_t count,
                       struct dbc_label *to)
{
    size_t left = 0;
    size_t right = middle;
    for (size_t i = 0; i < count; i++) {
        bool take_left =
            left < middle && (right >= count || compare_raw(&from[left], &from[right]) <= 0);
        to[i] = take_left ? from[left++] : from[right++];
    }
}

/* Bottom-up merge sort: stable, which qsort() is not. Returns which of the two arrays is sorted. */
static struct dbc_label *sort_labels(struct dbc_label *labels, struct dbc_label *spare,
                                     size_t count)
{
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t at = 0; at < count; at += 2 * run) {
            size_t left = count - at;
            size_t pair = left < 2 * run ? left : 2 * run;
            merge_runs(labels + at, run < pair ? run : pair, pair, spare + at);
        }
        struct dbc_label *sorted = spare;
        spare = labels;
        labels = sorted;
    }
    return labels;
}

const struct dbc_label *dbc_labels_sorted(struct dbc_arena *arena, const struct dbc_label *labels,
                                          size_t count, size_t *ret_count)
{
    *ret_count = 0;
    struct dbc_label *copy = count > 0 ? dbc_arena_alloc(arena, 2 * count, sizeof(*copy)) : NULL;
    if (copy == NULL) {
        return NULL;
    }
    memcpy(copy, labels, count * sizeof(*copy));
    struct dbc_label *sorted = sort_labels(copy, copy + count, count);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && sorted[kept - 1].raw == sorted[i].raw) {
            kept--;
        }
        sorted[kept++] = sorted[i];
    }
    *ret_count = kept;
    return sorted;
}

const struct dbc_label *dbc_find_label(const struct dbc_signal *signal, int64_t raw)
{
    if (raw >= 0 && raw < (int64_t)signal->label_count && signal->labels[raw].raw == raw) {
        return &signal->labels[raw];
    }
    struct dbc_label key = {.raw = raw};
    return signal->label_count > 0
               ? bsearch(&key, signal->labels, signal->label_count, sizeof(key), compare_raw)
               : NULL;
}

const struct dbc_label *dbc_find_label_text(const struct dbc_signal *signal, const char *text,
                                            size_t length)
{
    const struct dbc_label *similar = NULL;
    for (uint32_t i = 0; i < signal->label_count; i++) {
        const struct dbc_label *label = &signal->labels[i];
        if (strlen(label->text) != length || strncasecmp(label->text, text, length) != 0) {
            continue;
        }
        if (memcmp(label->text, text, length) == 0) {
            return label;
        }
        similar = similar == NULL ? label : similar;
    }
    return similar;
}
