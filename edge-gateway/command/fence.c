#include "edge-gateway/command/fence.h"

#include "common/parse.h"
#include "topics/topic_id.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static struct fence *find(struct fence_table *table, const char *group)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->items[i].group, group) == 0) {
            return &table->items[i];
        }
    }
    return NULL;
}

static enum command_result check_group(const char *wanted, const struct payload_master *master,
                                       struct command_error *reterr)
{
    if (wanted != NULL && (master == NULL || strcmp(master->group, wanted) != 0)) {
        (void)snprintf(reterr->text, sizeof(reterr->text),
                       "only the leader of the group '%s' may set it: ask its device instead",
                       wanted);
        return COMMAND_NOT_MASTER;
    }
    return COMMAND_ACCEPTED;
}

static enum command_result check_epoch(const struct fence *fence,
                                       const struct payload_master *master,
                                       struct command_error *reterr)
{
    bool impostor = master->epoch == fence->epoch && strcmp(master->node, fence->node) != 0;
    if (master->epoch < fence->epoch || impostor) {
        (void)snprintf(reterr->text, sizeof(reterr->text),
                       "epoch %" PRIu64 " of %.40s: %.40s leads with epoch %" PRIu64, master->epoch,
                       master->node, fence->node, fence->epoch);
        return COMMAND_STALE_EPOCH;
    }
    return COMMAND_ACCEPTED;
}

/* Both texts come with their lengths checked. */
static void put(struct fence *fence, const struct payload_master *master)
{
    (void)snprintf(fence->group, sizeof(fence->group), "%s", master->group);
    (void)snprintf(fence->node, sizeof(fence->node), "%s", master->node);
    fence->epoch = master->epoch;
}

enum command_result fence_admit(struct fence_table *table, const char *wanted,
                                const struct payload_master *master, struct fence_pass *ret,
                                struct command_error *reterr)
{
    enum command_result result = check_group(wanted, master, reterr);
    if (result != COMMAND_ACCEPTED || master == NULL) {
        *ret = result == COMMAND_ACCEPTED ? (struct fence_pass){FENCE_NONE, false} : *ret;
        return result;
    }
    struct fence *fence = find(table, master->group);
    if (fence == NULL && table->count == FENCES_MAX) {
        (void)snprintf(reterr->text, sizeof(reterr->text),
                       "%d groups command this gateway already, and '%s' is none of them",
                       FENCES_MAX, master->group);
        return COMMAND_NOT_MASTER;
    }
    if (fence == NULL) {
        fence = &table->items[table->count++];
        *fence = (struct fence){.epoch = 0};
        put(fence, master);
        *ret = (struct fence_pass){(size_t)(fence - table->items), true};
        return COMMAND_ACCEPTED;
    }
    result = check_epoch(fence, master, reterr);
    if (result == COMMAND_ACCEPTED) {
        *ret = (struct fence_pass){(size_t)(fence - table->items), master->epoch > fence->epoch};
        put(fence, master);
    }
    return result;
}

void fence_save(const struct fence *fence, char *text)
{
    (void)snprintf(text, FENCE_TEXT_BYTES, "%s %s %" PRIu64, fence->group, fence->node,
                   fence->epoch);
}

/* The word up to the next blank; false if it does not fit or is no id. */
static bool take_id(const char **text, char *id, size_t size)
{
    size_t length = strcspn(*text, " ");
    if (length == 0 || length >= size || (*text)[length] != ' ' ||
        !topic_id_n_is_valid(*text, length)) {
        return false;
    }
    memcpy(id, *text, length);
    id[length] = '\0';
    *text += length + 1;
    return true;
}

int fence_load(struct fence_table *table, const char *text)
{
    struct fence fence = {.epoch = 0};
    if (!take_id(&text, fence.group, sizeof(fence.group)) ||
        !take_id(&text, fence.node, sizeof(fence.node)) ||
        parse_u64(text, strlen(text), PAYLOAD_INTEGER_MAX, &fence.epoch) < 0 || fence.epoch == 0 ||
        find(table, fence.group) != NULL) {
        return -EINVAL;
    }
    if (table->count == FENCES_MAX) {
        return -ENOSPC;
    }
    table->items[table->count++] = fence;
    return 0;
}
