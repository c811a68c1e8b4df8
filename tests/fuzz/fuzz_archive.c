/*
 * Any bytes as what was remembered of one thing (archive.h): it is read or refused, and what was
 * read is written to a text from which the same is read.
 */
#include "automation-node/state/archive.h"

#include "tests/fuzz/fuzz.h"

#include <errno.h>

#define OFFSET_US    INT64_C(1795423160000000)
#define CORRECTED_US (OFFSET_US + 3600 * INT64_C(1000000))
#define TEXT_MAX     (1024u * 1024u)

struct part {
    bool flag;
    int64_t time_us;
};

/* One field of each kind. */
struct thing {
    bool flag;
    int64_t i64;
    uint64_t u64;
    double real;
    size_t index;
    int choice;
    int64_t time_us;
    char text[24];
    struct part parts[3];
};

static void archive_thing(struct thing *thing, struct archive *a)
{
    archive_flag(a, "flag", &thing->flag);
    archive_i64(a, "i64", &thing->i64);
    archive_u64(a, "u64", &thing->u64);
    archive_double(a, "real", &thing->real);
    archive_index(a, "index", &thing->index, 10);
    thing->choice = archive_choice(a, "choice", thing->choice, 4);
    archive_time(a, "time", &thing->time_us);
    archive_text(a, "text", thing->text, sizeof(thing->text));
    for (size_t i = 0; i < 3; i++) {
        size_t mark = archive_enter(a, "part", i);
        archive_flag(a, "flag", &thing->parts[i].flag);
        archive_time(a, "time", &thing->parts[i].time_us);
        archive_leave(a, mark);
    }
}

static void save(struct thing *thing, struct buf *text)
{
    struct archive a;
    buf_init(text, TEXT_MAX);
    archive_save(&a, text, OFFSET_US);
    archive_thing(thing, &a);
    archive_finish(&a);
    require(buf_ok(text));
}

static void check_bounds(const struct thing *thing)
{
    require(thing->index < 10);
    require(thing->choice >= 0 && thing->choice < 4);
    require(memchr(thing->text, '\0', sizeof(thing->text)) != NULL);
}

/* The instants that were loaded move, nothing else does. */
static void check_correct(const struct buf *text, const struct thing *loaded)
{
    struct archive a;
    struct thing moved = *loaded;
    require(archive_correct(&a, text->data, text->length, OFFSET_US, CORRECTED_US) == 0);
    archive_thing(&moved, &a);
    require(moved.flag == loaded->flag && moved.i64 == loaded->i64 && moved.u64 == loaded->u64);
    require(moved.index == loaded->index && moved.choice == loaded->choice);
    require(strcmp(moved.text, loaded->text) == 0);
    require(moved.time_us <= loaded->time_us);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct archive a;
    struct thing first = {.text = "as it was"};
    struct thing second = {0};
    struct buf text;
    struct buf again;
    int r = archive_load(&a, (const char *)data, size, OFFSET_US);
    require(r == 0 || r == -EINVAL);
    if (r < 0) {
        return 0;
    }
    archive_thing(&first, &a);
    check_bounds(&first);
    save(&first, &text);
    require(archive_load(&a, text.data, text.length, OFFSET_US) == 0);
    archive_thing(&second, &a);
    save(&second, &again);
    require(text.length == again.length && memcmp(text.data, again.data, text.length) == 0);
    check_correct(&text, &first);
    buf_deinit(&again);
    buf_deinit(&text);
    return 0;
}
