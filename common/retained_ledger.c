#include "common/retained_ledger.h"

#include "common/buf.h"
#include "common/complaint.h"
#include "common/file.h"
#include "common/log.h"
#include "common/lvq_retained.h"
#include "common/retained_ledger_file.h"
#include "common/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX_BYTES  ((size_t)64 << 20)
#define TOPIC_MAX_BYTES 65535             /* MQTT 5, 1.5.4 */
#define SAVE_DELAY_US   (100 * US_PER_MS) /* acknowledgements come in crowds */

struct entry {
    char *topic;
    bool in_use;
};

/* The newest content on its way to the disk. */
struct save {
    struct worker_job job; /* first: the save is found by its address */
    struct retained_ledger *ledger;
    struct buf text;
    int fd; /* out: the new file, locked, or -errno */
};

struct retained_ledger {
    struct loop *loop;
    struct lvq *queue;
    char *path;
    int fd;                /* of the file, for the lock; -1 = there is none yet */
    struct entry *entries; /* sorted by topic */
    size_t count;
    size_t capacity;
    struct worker *worker;
    struct save save;
    struct timer save_timer;
    bool saving;
    bool dirty;
    struct complaint fault;
    struct retained_ledger_stats stats;
};

static int compare_entries(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->topic, ((const struct entry *)b)->topic);
}

/* NULL if it is not among the first `count`, which are sorted. */
static struct entry *find(const struct retained_ledger *l, const char *topic, size_t count)
{
    const struct entry key = {.topic = (char *)topic};
    return count > 0 ? bsearch(&key, l->entries, count, sizeof(key), compare_entries) : NULL;
}

/* At the end: the caller sorts. */
static int append(struct retained_ledger *l, const char *topic, size_t length, bool in_use)
{
    if (l->count == l->capacity) {
        size_t capacity = l->capacity > 0 ? l->capacity * 2 : 64;
        struct entry *entries = reallocarray(l->entries, capacity, sizeof(*entries));
        if (entries == NULL) {
            return -ENOMEM;
        }
        l->entries = entries;
        l->capacity = capacity;
    }
    char *copy = strndup(topic, length);
    if (copy == NULL) {
        return -ENOMEM;
    }
    l->entries[l->count++] = (struct entry){copy, in_use};
    return 0;
}

static void sort(struct retained_ledger *l)
{
    qsort(l->entries, l->count, sizeof(*l->entries), compare_entries);
}

static void remove_entry(struct retained_ledger *l, struct entry *entry)
{
    struct entry *end = l->entries + l->count;
    free(entry->topic);
    memmove(entry, entry + 1, (size_t)(end - entry - 1) * sizeof(*entry));
    l->count--;
}

/* --- the file */

/* A line that cannot be a topic is passed over: publishing to it would end the connection. */
static bool is_topic(const char *line, size_t length)
{
    return length > 0 && length <= TOPIC_MAX_BYTES && line[0] != '#' && line[0] != '$' &&
           strcspn(line, "+#\n") == length && strlen(line) >= length;
}

static int read_lines(struct retained_ledger *l, const struct buf *text)
{
    const char *end = text->data != NULL ? text->data + text->length : NULL;
    for (const char *line = text->data; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        size_t length = (size_t)((stop != NULL ? stop : end) - line);
        /* The last line of a whole file has its end, too. */
        int r = stop != NULL && is_topic(line, length) ? append(l, line, length, false) : 0;
        if (r < 0) {
            return r;
        }
        line += length + 1;
    }
    return 0;
}

static void drop_doubles(struct retained_ledger *l)
{
    for (size_t i = 1; i < l->count;) {
        if (strcmp(l->entries[i].topic, l->entries[i - 1].topic) == 0) {
            remove_entry(l, &l->entries[i]);
        } else {
            i++;
        }
    }
}

static int load(struct retained_ledger *l)
{
    struct buf text;
    buf_init(&text, FILE_MAX_BYTES + 1);
    int r = ledger_file_lock(l->path, &l->fd);
    if (r == 0) {
        r = file_read(l->path, FILE_MAX_BYTES, &text, NULL);
    }
    if (r == 0) {
        r = read_lines(l, &text);
    }
    buf_deinit(&text);
    if (r == 0 && l->count > 0) {
        sort(l);
        drop_doubles(l);
    }
    return r == -ENOENT ? 0 : r;
}

static void run_save(struct worker_job *job)
{
    struct save *save = (struct save *)job;
    save->fd = ledger_file_replace(save->ledger->path, save->text.data, save->text.length);
}

static void write_text(const struct retained_ledger *l, struct buf *text)
{
    buf_reset(text);
    buf_puts(text, "# What the broker retains for this program, so that it can be deleted.\n");
    for (size_t i = 0; i < l->count; i++) {
        buf_puts(text, l->entries[i].topic);
        buf_puts(text, "\n");
    }
}

static void start_save(struct retained_ledger *l)
{
    loop_timer_cancel(l->loop, &l->save_timer);
    write_text(l, &l->save.text);
    if (!buf_ok(&l->save.text) || !worker_submit(l->worker, &l->save.job)) {
        l->stats.faults++;
        return; /* too large, or no memory: the next change tries again */
    }
    l->saving = true;
    l->dirty = false;
}

static void on_save_due(void *context)
{
    struct retained_ledger *l = context;
    if (!l->saving && l->dirty) {
        start_save(l);
    }
}

/* What changes meanwhile is written afterwards. */
static void on_saved(struct worker_job *job)
{
    struct retained_ledger *l = ((struct save *)job)->ledger;
    l->saving = false;
    if (l->save.fd < 0) {
        l->stats.faults++;
        if (complaint_is_due(&l->fault, loop_now_us(l->loop))) {
            log_warning("mqtt", "cannot remember retained topics in %s: %s", l->path,
                        strerror(-l->save.fd));
        }
    } else {
        complaint_over(&l->fault);
        if (l->fd >= 0) {
            (void)close(l->fd); /* the old file's: it has no name any more */
        }
        l->fd = l->save.fd;
    }
    if (l->dirty) {
        loop_timer_after(l->loop, &l->save_timer, SAVE_DELAY_US);
    }
}

/* --- what is in it */

static void on_cleared(void *context, const char *topic)
{
    struct retained_ledger *l = context;
    struct entry *entry = find(l, topic, l->count);
    if (entry == NULL || entry->in_use) {
        return;
    }
    remove_entry(l, entry);
    l->stats.cleared++;
    l->dirty = true;
    if (!l->saving && !timer_is_armed(&l->save_timer)) {
        loop_timer_after(l->loop, &l->save_timer, SAVE_DELAY_US);
    }
}

struct intake {
    struct retained_ledger *ledger;
    size_t known; /* entries that are sorted */
    int result;
};

static void take_in(void *context, const char *topic)
{
    struct intake *intake = context;
    struct retained_ledger *l = intake->ledger;
    struct entry *entry = find(l, topic, intake->known);
    /* Several slots of one topic follow each other. */
    bool is_last = l->count > 0 && strcmp(l->entries[l->count - 1].topic, topic) == 0;
    if (entry != NULL) {
        entry->in_use = true;
    } else if (!is_last && intake->result == 0) {
        intake->result = append(l, topic, strlen(topic), true);
        l->dirty = true;
    }
}

int retained_ledger_settle(struct retained_ledger *ledger)
{
    struct retained_ledger *l = ledger;
    struct intake intake = {.ledger = l, .known = l->count};
    for (size_t i = 0; i < l->count; i++) {
        l->entries[i].in_use = false;
    }
    lvq_each_retained(l->queue, take_in, &intake);
    int r = intake.result;
    if (l->count > intake.known) {
        sort(l);
        drop_doubles(l);
    }
    size_t cleared = 0;
    for (size_t i = 0; r == 0 && i < l->count; i++) {
        if (!l->entries[i].in_use) {
            r = lvq_clear(l->queue, l->entries[i].topic, loop_now_us(l->loop));
            cleared++;
        }
    }
    if (cleared > 0) {
        log_info("mqtt", "%zu retained topics are in use no longer: deleting them", cleared);
    }
    if (l->dirty && !l->saving) {
        start_save(l);
    }
    return r;
}

int retained_ledger_open(struct loop *loop, const char *path, struct lvq *queue,
                         struct retained_ledger **ret)
{
    struct retained_ledger *l = calloc(1, sizeof(*l));
    if (l == NULL) {
        return -ENOMEM;
    }
    l->loop = loop;
    l->queue = queue;
    l->fd = -1;
    l->save = (struct save){.job = {.run = run_save, .done = on_saved}, .ledger = l};
    l->save_timer = (struct timer){.fn = on_save_due, .context = l};
    buf_init(&l->save.text, FILE_MAX_BYTES);
    l->path = strdup(path);
    int r = l->path != NULL ? load(l) : -ENOMEM;
    if (r == 0) {
        r = worker_new(loop, "ledger", 1, &l->worker);
    }
    if (r < 0) {
        retained_ledger_close(l);
        return r;
    }
    lvq_on_cleared(queue, on_cleared, l);
    *ret = l;
    return 0;
}

void retained_ledger_close(struct retained_ledger *ledger)
{
    struct retained_ledger *l = ledger;
    if (l == NULL) {
        return;
    }
    loop_timer_cancel(l->loop, &l->save_timer);
    worker_free(l->worker);
    loop_timer_cancel(l->loop, &l->save_timer); /* the last report may have armed it */
    if (l->worker != NULL && l->dirty) {
        write_text(l, &l->save.text);
        int fd = buf_ok(&l->save.text)
                     ? ledger_file_replace(l->path, l->save.text.data, l->save.text.length)
                     : -ENOMEM;
        (void)(fd >= 0 ? close(fd) : 0); /* else what is cleared is cleared once more */
    }
    if (l->fd >= 0) {
        (void)close(l->fd);
    }
    for (size_t i = 0; i < l->count; i++) {
        free(l->entries[i].topic);
    }
    buf_deinit(&l->save.text);
    free(l->entries);
    free(l->path);
    free(l);
}

struct retained_ledger_stats retained_ledger_stats(const struct retained_ledger *ledger)
{
    struct retained_ledger_stats stats = ledger->stats;
    stats.topics = ledger->count;
    return stats;
}

void retained_ledger_tell(const struct counter_sink *sink,
                          const struct retained_ledger_stats *stats)
{
    const struct counter counters[] = {GAUGE("topics", stats->topics),
                                       COUNTER("cleared", stats->cleared),
                                       COUNTER("faults", stats->faults)};
    counters_tell_group(sink, "retained", counters, sizeof(counters) / sizeof(counters[0]));
}
