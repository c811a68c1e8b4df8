/*
 * The fences of a running gateway (command/fence.h): remembered in the frame log's database over a
 * restart, and told to everybody on `<gateway>/fences`, so that a node that was replaced hears of
 * it.
 */
#ifndef EDGE_GATEWAY_APP_FENCES_H
#define EDGE_GATEWAY_APP_FENCES_H

#include "common/attributes.h"
#include "edge-gateway/app/environment.h"
#include "edge-gateway/app/plan.h"
#include "edge-gateway/command/fence.h"

#include <stdbool.h>

struct fences;

/* 0 or -errno. `plan` is borrowed, `environment` copied. `follow`: fences_adopt() comes, so that
 * nothing is told yet; else the database is read, which blocks (start-up only). */
EDGE_MUST_CHECK int fences_new(const struct gateway_plan *plan,
                               const struct environment *environment, bool follow,
                               struct fences **ret);
/* Goes on where `from` ended, of an earlier configuration; the store carries what it remembers. */
void fences_adopt(struct fences *fences, const struct fences *from);
void fences_free(struct fences *fences);

/* See fence_admit(). Who is refused hears the newest epoch once more. */
EDGE_MUST_CHECK enum command_result fences_admit(struct fences *fences, const char *wanted,
                                                 const struct payload_master *master,
                                                 struct fence_pass *ret,
                                                 struct command_error *reterr);

/* The names under which the store remembers them, FENCES_MAX; behind those of the alarms. Static.
 */
const char *fences_memo_name(size_t index);

#endif
