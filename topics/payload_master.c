#include "topics/payload_master.h"

#include "topics/limits.h"
#include "topics/topic_id.h"

#include <errno.h>

#define KEY_GROUP "group"
#define KEY_NODE  "node"
#define KEY_EPOCH "epoch"

static const char *const keys[] = {KEY_GROUP, KEY_NODE, KEY_EPOCH, NULL};

void payload_master_write(struct json_writer *w, const char *key,
                          const struct payload_master *master)
{
    json_object_begin(w, key);
    json_string(w, KEY_GROUP, master->group);
    json_string(w, KEY_NODE, master->node);
    json_u64(w, KEY_EPOCH, master->epoch);
    json_object_end(w);
}

int payload_master_read(const cJSON *object, struct payload_master *ret,
                        struct payload_error *reterr)
{
    struct payload_master master = {0};
    if (!cJSON_IsObject(object)) {
        payload_fail(reterr, "a master is an object with '%s', '%s' and '%s'", KEY_GROUP, KEY_NODE,
                     KEY_EPOCH);
        return -EINVAL;
    }
    int r = payload_json_only(object, keys, reterr);
    r = r < 0
            ? r
            : payload_json_text(object, KEY_GROUP, PAYLOAD_GROUP_MAX_BYTES, &master.group, reterr);
    r = r < 0 ? r : payload_json_text(object, KEY_NODE, TOPIC_ID_MAX_BYTES, &master.node, reterr);
    r = r < 0 ? r
              : payload_json_u64(object, KEY_EPOCH, 1, PAYLOAD_INTEGER_MAX, &master.epoch, reterr);
    if (r < 0) {
        return r;
    }
    if (master.group == NULL || !topic_id_is_valid(master.group) || master.node == NULL ||
        !topic_id_is_valid(master.node) || master.epoch == 0) {
        payload_fail(reterr, "a master has '%s' and '%s', which are ids, and '%s'", KEY_GROUP,
                     KEY_NODE, KEY_EPOCH);
        return -EINVAL;
    }
    *ret = master;
    return 0;
}
