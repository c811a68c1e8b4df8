/*
 * The log on files that were damaged while nobody looked: those of a real log, mutated at random.
 * Whatever it is, the store opens, gives out no seq a second time, and what it reads is right or
 * declared lost.
 *
 * EDGE_TEST_RUNS says how many mutated logs (100 if it is not set), EDGE_TEST_SEED which.
 */
#include "tests/unit/seed.h"
#include "tests/unit/store_bench.h"
#include "tests/unit/store_image.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE_BYTES  1024
#define RUNS        100
#define RECOVERY_US (10 * US_PER_S)

/* What the runs met, for people: a test that damages nothing proves nothing. */
struct tally {
    unsigned set_aside;
    unsigned jumped; /* seqs went on after what the clock says */
    uint64_t frames;
    unsigned corrupt;
    uint64_t acknowledged; /* of the present run, before the damage */
};

struct fixture {
    struct store_image crashed; /* the process was killed: the WAL is there */
    struct store_image closed;
    struct tally tally;
};

/* ---- the log that is damaged ------------------------------------------------------------ */

/* Some hundred segments, the oldest dropped unacknowledged, reservations, and no clean end. */
static void fill(struct store_bench *b)
{
    b->options.quota_bytes = (uint64_t)256 << 10;
    store_bench_open(b);
    for (int i = 0; i < 250; i++) {
        store_bench_run_until_committed(b, store_bench_append_many(b, 40));
        if (i % 10 == 0) {
            store_bench_acknowledge(b, b->highest / 3);
        }
    }
    (void)store_bench_append_many(b, 5); /* given out, and never committed */
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    void *bench;
    assert_int_equal(store_bench_set_up_fake_clock(&bench), 0);
    fill(bench);
    struct store_image first = store_image_take(bench);
    assert_int_equal(store_bench_tear_down(&bench), 0);
    /* A second run, on what the first one left: with a gap in between. */
    assert_int_equal(store_bench_set_up_fake_clock(&bench), 0);
    struct store_bench *b = bench;
    store_image_put(&first, b);
    b->highest = first.highest;
    fill(b);
    f->crashed = store_image_take(b);
    store_bench_close(b);
    f->closed = store_image_take(b);
    assert_int_equal(store_bench_tear_down(&bench), 0);
    store_image_drop(&first);
    assert_true(f->crashed.length[STORE_FILE_WAL] > 0 && f->closed.bytes[STORE_FILE_WAL] == NULL);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    store_image_drop(&f->crashed);
    store_image_drop(&f->closed);
    free(f);
    return 0;
}

/* ---- mutations -------------------------------------------------------------------------- */

static size_t below(size_t limit)
{
    return limit > 0 ? (size_t)rand() % limit : 0;
}

static void change_bytes(struct store_image *image, enum store_file file, size_t first, size_t span,
                         int count)
{
    size_t end = first + span < image->length[file] ? first + span : image->length[file];
    for (int i = 0; i < count && first < end; i++) {
        image->bytes[file][first + below(end - first)] = (uint8_t)rand();
    }
}

static void change_any_bytes(struct store_image *image, enum store_file file)
{
    change_bytes(image, file, 0, image->length[file], 1 + (int)below(16));
}

/* The header of the file, or of a WAL and its first frame. */
static void change_header(struct store_image *image, enum store_file file)
{
    change_bytes(image, file, 0, 100, 1 + (int)below(4));
}

/* The header of a page, and where its cells are. */
static void change_page_header(struct store_image *image, enum store_file file)
{
    size_t page = below(image->length[file] / PAGE_BYTES);
    change_bytes(image, file, page * PAGE_BYTES, 32, 1 + (int)below(4));
}

static uint8_t *any_page(struct store_image *image, enum store_file file)
{
    return image->bytes[file] + below(image->length[file] / PAGE_BYTES) * PAGE_BYTES;
}

static void zero_page(struct store_image *image, enum store_file file)
{
    if (image->length[file] >= PAGE_BYTES) {
        memset(any_page(image, file), 0, PAGE_BYTES);
    }
}

static void swap_pages(struct store_image *image, enum store_file file)
{
    if (image->length[file] >= PAGE_BYTES) {
        uint8_t kept[PAGE_BYTES];
        uint8_t *a = any_page(image, file);
        uint8_t *b = any_page(image, file);
        memcpy(kept, a, PAGE_BYTES);
        memmove(a, b, PAGE_BYTES);
        memcpy(b, kept, PAGE_BYTES);
    }
}

static void repeat_page(struct store_image *image, enum store_file file)
{
    if (image->length[file] >= PAGE_BYTES) {
        memmove(any_page(image, file), any_page(image, file), PAGE_BYTES);
    }
}

static void cut(struct store_image *image, enum store_file file)
{
    image->length[file] = below(image->length[file] + 1);
}

static void zero_from_somewhere(struct store_image *image, enum store_file file)
{
    size_t from = below(image->length[file]);
    memset(image->bytes[file] + from, 0, image->length[file] - from);
}

static void mutate(struct store_image *image)
{
    static void (*const mutations[])(struct store_image *, enum store_file) = {
        change_any_bytes,    change_any_bytes,   change_header,
        change_page_header,  change_page_header, zero_page,
        swap_pages,          repeat_page,        cut,
        zero_from_somewhere, store_image_remove,
    };
    static const enum store_file files[] = {0, 0, 0, 0, 0,
                                            1, 1, 2, 3, 3}; /* as often as they are here */
    size_t count = 1 + below(3);
    for (size_t i = 0; i < count; i++) {
        enum store_file file = files[below(sizeof(files) / sizeof(files[0]))];
        size_t mutation = below(sizeof(mutations) / sizeof(mutations[0]));
        if (image->bytes[file] != NULL) {
            mutations[mutation](image, file);
        }
    }
}

/* ---- what has to hold ------------------------------------------------------------------- */

/* Damage that is met on the way is a fault at first, and a void then. */
static struct store_bench_account read_all(struct store_bench *b, uint64_t first, uint64_t last)
{
    struct store_bench_account account = {0};
    for (uint64_t seq = first; seq <= last;) {
        const struct store_fetched *found = store_bench_fetch(b, seq);
        for (int i = 0; found->found == STORE_FOUND_FAULT; i++) {
            assert_true(i < 5);
            store_bench_pass(b, US_PER_S);
            store_bench_await_well(b, RECOVERY_US);
            found = store_bench_fetch(b, seq);
        }
        seq = store_bench_check(b, seq, last, &account);
    }
    return account;
}

/* Pages of an open file change; by another process, for closing the file in this one would end
 * SQLite's locks. */
static void damage_open_file(const struct store_bench *b)
{
    char path[128];
    struct stat status;
    store_image_path(b, below(2) == 0 ? STORE_FILE_DATABASE : STORE_FILE_WAL, path, sizeof(path));
    size_t count = 1 + below(8);
    pid_t child = fork();
    if (child == 0) {
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        int r = fstat(fd, &status);
        for (size_t i = 0; r == 0 && i < count; i++) {
            uint8_t page[PAGE_BYTES];
            memset(page, rand(), sizeof(page));
            size_t at = below((size_t)status.st_size / PAGE_BYTES) * PAGE_BYTES;
            (void)!pwrite(fd, page, 1 + below(sizeof(page)), (off_t)at);
        }
        _exit(0);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void use(struct store_bench *b, struct tally *tally)
{
    store_bench_open(b);
    store_bench_await_well(b, RECOVERY_US);
    assert_true(store_opened_at(b->store).newest >= b->highest);
    if (below(3) == 0) {
        damage_open_file(b);
    }
    for (int i = 0; i < 2; i++) {
        (void)store_bench_append_many(b, 30);
        store_bench_await_well(b, RECOVERY_US);
        (void)read_all(b, 1, tally->acknowledged); /* not all of it is there any more */
        const struct store_bench_account account = read_all(b, tally->acknowledged + 1, b->highest);
        tally->frames += account.frames;
        tally->corrupt += account.voids[SEGMENT_VOID_CORRUPT] > 0 ? 1 : 0;
    }
}

/* Nothing is left that could say that there was one. */
static bool is_new_log(const struct store_image *image)
{
    return image->bytes[STORE_FILE_DATABASE] == NULL && image->bytes[STORE_FILE_SEAL] == NULL;
}

static void run(struct fixture *f)
{
    void *state;
    assert_int_equal(store_bench_set_up_fake_clock(&state), 0);
    struct store_bench *b = state;
    struct store_image image = store_image_copy(below(2) == 0 ? &f->crashed : &f->closed);
    mutate(&image);
    store_image_put(&image, b);
    b->is_damaged = true;
    b->options.quota_bytes = (uint64_t)256 << 10;
    b->highest = is_new_log(&image) ? 0 : image.highest;
    f->tally.acknowledged = is_new_log(&image) ? 0 : image.acknowledged;
    use(b, &f->tally);
    store_bench_close(b);
    use(b, &f->tally);
    f->tally.set_aside += b->notices[STORE_NOTICE_SET_ASIDE] > 0 ? 1 : 0;
    f->tally.jumped += b->highest > (uint64_t)1 << 40 ? 1 : 0;
    assert_int_equal(store_bench_tear_down(&state), 0);
    store_image_drop(&image);
}

static unsigned runs(void)
{
    uint64_t count = RUNS;
    const char *text = getenv("EDGE_TEST_RUNS");
    if (text != NULL && parse_u64(text, strlen(text), UINT32_MAX, &count) < 0) {
        fail_msg("EDGE_TEST_RUNS is not a number: %s", text);
    }
    return (unsigned)count;
}

/* A run that fails is repeated alone by its seed. */
static void mutated_files(void **state)
{
    struct fixture *f = *state;
    unsigned seed = test_seed();
    unsigned count = runs();
    for (unsigned i = 0; i < count; i++) {
        if (count != RUNS) {
            print_message("EDGE_TEST_SEED=%u EDGE_TEST_RUNS=1\n", seed + i);
        }
        srand(seed + i);
        run(f);
    }
    print_message(
        "%u runs: %u set aside, %u of %u readings met something corrupt, %u gone on by the clock;"
        " %lu frames read\n",
        count, f->tally.set_aside, f->tally.corrupt, 4 * count, f->tally.jumped,
        (unsigned long)f->tally.frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(mutated_files, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("store_mutations", tests, NULL, NULL);
}
