#include "edge-gateway/app/fences.h"

#include "common/log.h"
#include "edge-gateway/app/frame_log.h"
#include "edge-gateway/store/store_memo.h"
#include "topics/json_writer.h"
#include "topics/topic.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)FENCE_TEXT_BYTES <= (int)STORE_MEMO_BYTES, "a fence fits");

struct fences {
    struct environment env;
    struct fence_table table;
    size_t first_memo;
    size_t slot;
};

/* No alarm can have such an id. */
static const char *const memo_names[] = {"fence.0", "fence.1", "fence.2", "fence.3",
                                         "fence.4", "fence.5", "fence.6", "fence.7"};
_Static_assert(sizeof(memo_names) / sizeof(memo_names[0]) == FENCES_MAX, "a name for each");

const char *fences_memo_name(size_t index)
{
    return memo_names[index];
}

static void tell(struct fences *f)
{
    char text[PAYLOAD_STATE_MAX_BYTES];
    struct json_writer w;
    size_t length;
    json_writer_init(&w, text, sizeof(text));
    payload_fences_begin(&w);
    for (size_t i = 0; i < f->table.count; i++) {
        const struct fence *fence = &f->table.items[i];
        payload_fences_group(&w, &(struct payload_master){fence->group, fence->node, fence->epoch});
    }
    payload_fences_end(&w);
    if (json_writer_finish(&w, &length) < 0) {
        return; /* cannot be: eight of them are bounded below the buffer */
    }
    const struct lvq_item item = {
        .slot = f->slot, .payload = text, .length = length, .qos = topic_traits(TOPIC_FENCES)->qos};
    lvq_put(f->env.queue, &item, loop_now_us(f->env.loop));
}

static void on_memo(void *context, const char *name, const char *text)
{
    struct fences *f = context;
    bool known = false;
    for (size_t i = 0; i < FENCES_MAX; i++) {
        known = known || strcmp(name, memo_names[i]) == 0;
    }
    if (known && fence_load(&f->table, text) < 0) {
        log_warning("command", "%s: what was remembered of a group cannot be read: '%s'", name,
                    text);
    }
}

static void remember(struct fences *f, size_t index)
{
    char text[FENCE_TEXT_BYTES];
    if (f->env.log != NULL) {
        fence_save(&f->table.items[index], text);
        store_set_memo(frame_log_store(f->env.log), f->first_memo + index, text);
    }
}

static int add_slot(struct fences *f)
{
    char text[TOPIC_MAX_BYTES + 1];
    const struct topic topic = {.kind = TOPIC_FENCES, .site = f->env.site, .node = f->env.node};
    int r = topic_format(f->env.prefix, &topic, text, sizeof(text));
    if (r < 0) {
        return r;
    }
    const struct lvq_slot_options options = {text, PAYLOAD_STATE_MAX_BYTES, true};
    return lvq_add(f->env.queue, &options, &f->slot);
}

static void recall(struct fences *f, const struct gateway_plan *plan)
{
    int r = f->env.log != NULL ? store_memo_read(plan->config->store.file, on_memo, f) : 0;
    if (r < 0) {
        log_warning("command", "which node led each group cannot be read: %s", strerror(-r));
    }
    for (size_t i = 0; i < f->table.count; i++) {
        remember(f, i); /* in the order in which they were read */
    }
    if (f->table.count > 0) {
        tell(f);
    }
}

int fences_new(const struct gateway_plan *plan, const struct environment *environment, bool follow,
               struct fences **ret)
{
    struct fences *f = calloc(1, sizeof(*f));
    if (f == NULL) {
        return -ENOMEM;
    }
    f->env = *environment;
    f->first_memo = plan->alarms.count;
    int r = add_slot(f);
    if (r < 0) {
        fences_free(f);
        return r;
    }
    if (!follow) {
        recall(f, plan);
    }
    *ret = f;
    return 0;
}

void fences_adopt(struct fences *fences, const struct fences *from)
{
    fences->table = from->table;
}

void fences_free(struct fences *fences)
{
    free(fences);
}

enum command_result fences_admit(struct fences *fences, const char *wanted,
                                 const struct payload_master *master, struct fence_pass *ret,
                                 struct command_error *reterr)
{
    struct fence_pass pass = {FENCE_NONE, false};
    enum command_result result = fence_admit(&fences->table, wanted, master, &pass, reterr);
    if (pass.raised) {
        const struct fence *fence = &fences->table.items[pass.fence];
        log_notice("command", "%s leads the group %s now, with epoch %" PRIu64, fence->node,
                   fence->group, fence->epoch);
        remember(fences, pass.fence);
    }
    if (pass.raised || result == COMMAND_STALE_EPOCH) {
        tell(fences);
    }
    if (result == COMMAND_ACCEPTED) {
        *ret = pass;
    }
    return result;
}
