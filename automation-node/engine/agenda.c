#include "automation-node/engine/agenda.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

struct entry {
    int64_t deadline_us;
    size_t item;
};

/* A binary heap: the children of entry i are 2i + 1 and 2i + 2. */
struct agenda {
    struct entry *heap;
    size_t length;
    size_t *places; /* by item: its entry plus 1; 0 = not on the agenda */
    size_t count;
};

int agenda_new(size_t count, struct agenda **ret)
{
    struct agenda *agenda = calloc(1, sizeof(*agenda));
    if (agenda == NULL) {
        return -ENOMEM;
    }
    agenda->count = count;
    agenda->heap = calloc(count + 1, sizeof(*agenda->heap));
    agenda->places = calloc(count + 1, sizeof(*agenda->places));
    if (agenda->heap == NULL || agenda->places == NULL) {
        agenda_free(agenda);
        return -ENOMEM;
    }
    *ret = agenda;
    return 0;
}

void agenda_free(struct agenda *agenda)
{
    if (agenda != NULL) {
        free(agenda->heap);
        free(agenda->places);
        free(agenda);
    }
}

/* In the same order whoever came first: after a reload, too. */
static bool comes_before(const struct entry *a, const struct entry *b)
{
    return a->deadline_us < b->deadline_us ||
           (a->deadline_us == b->deadline_us && a->item < b->item);
}

static void place(struct agenda *agenda, size_t at, struct entry entry)
{
    agenda->heap[at] = entry;
    agenda->places[entry.item] = at + 1;
}

static void sift_up(struct agenda *agenda, size_t at, struct entry entry)
{
    while (at > 0) {
        size_t parent = (at - 1) / 2;
        if (comes_before(&agenda->heap[parent], &entry)) {
            break;
        }
        place(agenda, at, agenda->heap[parent]);
        at = parent;
    }
    place(agenda, at, entry);
}

static void sift_down(struct agenda *agenda, size_t at, struct entry entry)
{
    for (;;) {
        size_t child = 2 * at + 1;
        if (child + 1 < agenda->length &&
            comes_before(&agenda->heap[child + 1], &agenda->heap[child])) {
            child++;
        }
        if (child >= agenda->length || !comes_before(&agenda->heap[child], &entry)) {
            break;
        }
        place(agenda, at, agenda->heap[child]);
        at = child;
    }
    place(agenda, at, entry);
}

static void move(struct agenda *agenda, size_t at, struct entry entry)
{
    bool up = at > 0 && comes_before(&entry, &agenda->heap[(at - 1) / 2]);
    if (up) {
        sift_up(agenda, at, entry);
    } else {
        sift_down(agenda, at, entry);
    }
}

static void take_off(struct agenda *agenda, size_t at)
{
    agenda->places[agenda->heap[at].item] = 0;
    agenda->length--;
    if (at < agenda->length) {
        move(agenda, at, agenda->heap[agenda->length]);
    }
}

void agenda_set(struct agenda *agenda, size_t item, int64_t deadline_us)
{
    assert(item < agenda->count);
    size_t taken = agenda->places[item];
    if (deadline_us == DEADLINE_NONE) {
        if (taken > 0) {
            take_off(agenda, taken - 1);
        }
        return;
    }
    struct entry entry = {deadline_us, item};
    if (taken > 0) {
        move(agenda, taken - 1, entry);
    } else {
        sift_up(agenda, agenda->length++, entry);
    }
}

int64_t agenda_next(const struct agenda *agenda)
{
    return agenda->length > 0 ? agenda->heap[0].deadline_us : DEADLINE_NONE;
}

bool agenda_take(struct agenda *agenda, int64_t now_us, size_t *ret_item)
{
    if (agenda_next(agenda) > now_us) {
        return false;
    }
    *ret_item = agenda->heap[0].item;
    take_off(agenda, 0);
    return true;
}
