#include "edge-gateway/store/store_memo.h"

#include "common/database.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int store_memos_init(struct store_memos *memos, const char *const *names, size_t count)
{
    *memos = (struct store_memos){.count = count};
    memos->items = calloc(count + 1, sizeof(*memos->items));
    memos->page = calloc(count + 1, sizeof(*memos->page));
    memos->is_dirty = calloc(count + 1, sizeof(*memos->is_dirty));
    if (memos->items == NULL || memos->page == NULL || memos->is_dirty == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        memos->items[i].name = names[i];
    }
    return 0;
}

void store_memos_deinit(struct store_memos *memos)
{
    free(memos->items);
    free(memos->page);
    free(memos->is_dirty);
    *memos = (struct store_memos){0};
}

static void mark(struct store_memos *memos, size_t index)
{
    memos->dirty_count += memos->is_dirty[index] ? 0 : 1;
    memos->is_dirty[index] = true;
}

void store_memos_set(struct store_memos *memos, size_t index, const char *text)
{
    size_t length = strlen(text);
    assert(length < STORE_MEMO_BYTES);
    memcpy(memos->items[index].text, text, length + 1);
    mark(memos, index);
}

void store_memos_take(struct store_memos *memos)
{
    memos->page_count = 0;
    for (size_t i = 0; memos->dirty_count > 0 && i < memos->count; i++) {
        if (memos->is_dirty[i]) {
            memos->is_dirty[i] = false;
            memos->dirty_count--;
            memos->page[memos->page_count++] = memos->items[i];
        }
    }
}

/* The names on the page are those of the items, in their order. */
void store_memos_put_back(struct store_memos *memos)
{
    size_t at = 0;
    for (size_t i = 0; at < memos->page_count && i < memos->count; i++) {
        if (memos->items[i].name == memos->page[at].name) {
            mark(memos, i);
            at++;
        }
    }
    memos->page_count = 0;
}

void store_memos_begin_anew(struct store_memos *memos)
{
    for (size_t i = 0; i < memos->count; i++) {
        if (memos->items[i].text[0] != '\0') {
            mark(memos, i);
        }
    }
}

/* They mostly come in the same order. */
void store_memos_carry(struct store_memos *memos, const struct store_memos *from)
{
    size_t next = 0;
    for (size_t i = 0; i < memos->count; i++) {
        bool is_found = false;
        for (size_t n = 0; n < from->count && !is_found; n++) {
            size_t k = (next + n) % from->count;
            is_found = strcmp(memos->items[i].name, from->items[k].name) == 0;
            if (is_found) {
                memcpy(memos->items[i].text, from->items[k].text, STORE_MEMO_BYTES);
                next = k + 1;
            }
        }
    }
    store_memos_begin_anew(memos);
}

static int read_all(sqlite3 *db, store_memo_fn fn, void *context)
{
    sqlite3_stmt *statement;
    int r = database_prepare(db, "SELECT name, value FROM memos", &statement);
    if (r < 0) {
        return r;
    }
    while ((r = database_step(statement)) == 1) {
        fn(context, (const char *)sqlite3_column_text(statement, 0),
           (const char *)sqlite3_column_text(statement, 1));
    }
    (void)sqlite3_finalize(statement); /* the step's fault is in r */
    return r;
}

int store_memo_read(const char *path, store_memo_fn fn, void *context)
{
    const struct database_options options = {.path = path, .read_only = true};
    sqlite3 *db;
    int r = database_open(&options, &db, NULL);
    if (r < 0) {
        return r;
    }
    r = read_all(db, fn, context);
    database_close(db);
    return r;
}
