/*
 * Small texts by name that the gateway wants to find again after a restart, such as what became of
 * an alarm: the table `memos`. The loop sets them, as often as it likes; those that changed go with
 * the next commit, the newest text of each.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_MEMO_H
#define EDGE_GATEWAY_STORE_STORE_MEMO_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>

#define STORE_MEMO_BYTES 256 /* of a text, with its NUL */

struct store_memo {
    const char *name; /* borrowed */
    char text[STORE_MEMO_BYTES];
};

/* Loop thread, but for the page while a commit is under way. */
struct store_memos {
    struct store_memo *items;
    size_t count;
    bool *is_dirty;
    size_t dirty_count;
    struct store_memo *page; /* what the present commit writes */
    size_t page_count;
};

/* `names` are borrowed, each once. 0 or -ENOMEM; deinit accepts a half-made one. */
EDGE_MUST_CHECK int store_memos_init(struct store_memos *memos, const char *const *names,
                                     size_t count);
void store_memos_deinit(struct store_memos *memos);

/* The texts of the names that both have; all of these are to be written then. */
void store_memos_carry(struct store_memos *memos, const struct store_memos *from);

/* `text` is shorter than STORE_MEMO_BYTES. */
void store_memos_set(struct store_memos *memos, size_t index, const char *text);

/* What changed, onto the page. */
void store_memos_take(struct store_memos *memos);
/* The page was not written: what is on it is to be taken again. */
void store_memos_put_back(struct store_memos *memos);
/* Another database: everything that was ever set is to be written. */
void store_memos_begin_anew(struct store_memos *memos);

typedef void (*store_memo_fn)(void *context, const char *name, const char *text);

/* Every memo in the database; blocks (start-up only). 0 or -errno. */
EDGE_MUST_CHECK int store_memo_read(const char *path, store_memo_fn fn, void *context);

#endif
