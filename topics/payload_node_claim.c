#include "topics/payload_node_claim.h"

#include "topics/limits.h"
#include "topics/payload_master.h"
#include "topics/topic_id.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KEY_ROLE    "role"
#define KEY_GROUP   "group"
#define KEY_RANK    "rank"
#define KEY_EPOCH   "epoch"
#define KEY_BEAT    "beat"
#define KEY_TO      "to"
#define KEY_DEVICES "devices"
#define KEY_GROUPS  "groups"

static const char *const roles[] = {
    [PAYLOAD_ROLE_ALONE] = "alone",         [PAYLOAD_ROLE_STANDBY] = "standby",
    [PAYLOAD_ROLE_CANDIDATE] = "candidate", [PAYLOAD_ROLE_LEADER] = "leader",
    [PAYLOAD_ROLE_RELEASED] = "released",
};
_Static_assert(sizeof(roles) / sizeof(roles[0]) == PAYLOAD_ROLE_COUNT, "a word for every role");

const char *payload_role_text(enum payload_role role)
{
    return roles[role];
}

void payload_node_claim_write(struct json_writer *w, const struct payload_node_claim *claim)
{
    json_object_begin(w, NULL);
    json_string(w, KEY_ROLE, roles[claim->role]);
    if (claim->group != NULL) {
        json_string(w, KEY_GROUP, claim->group);
        json_u64(w, KEY_RANK, claim->rank);
        json_u64(w, KEY_EPOCH, claim->epoch);
    }
    json_u64(w, KEY_BEAT, claim->beat);
    json_string_if(w, KEY_TO, claim->to);
    json_array_begin(w, KEY_DEVICES);
    for (size_t i = 0; i < claim->device_count; i++) {
        json_string(w, NULL, claim->devices[i]);
    }
    json_array_end(w);
    json_object_end(w);
}

static int read_role(const cJSON *document, enum payload_role *ret, struct payload_error *reterr)
{
    const char *word = NULL;
    int r = payload_json_text(document, KEY_ROLE, PAYLOAD_TEXT_MAX_BYTES, &word, reterr);
    for (int i = 0; r == 0 && word != NULL && i < PAYLOAD_ROLE_COUNT; i++) {
        if (strcmp(word, roles[i]) == 0) {
            *ret = (enum payload_role)i;
            return 0;
        }
    }
    if (r == 0) {
        payload_fail(reterr, "'" KEY_ROLE "' is no role");
    }
    return -EINVAL;
}

static int read_devices(const cJSON *document, struct payload_node_claim *claim,
                        struct payload_error *reterr)
{
    const cJSON *devices = cJSON_GetObjectItemCaseSensitive(document, KEY_DEVICES);
    const cJSON *item;
    if (!cJSON_IsArray(devices)) {
        payload_fail(reterr, "'" KEY_DEVICES "' is no list");
        return -EINVAL;
    }
    claim->names = calloc((size_t)cJSON_GetArraySize(devices) + 1, sizeof(*claim->names));
    if (claim->names == NULL) {
        payload_fail(reterr, "out of memory");
        return -ENOMEM;
    }
    cJSON_ArrayForEach(item, devices)
    {
        if (!cJSON_IsString(item) || !topic_id_is_valid(item->valuestring)) {
            payload_fail(reterr, "'" KEY_DEVICES "' has something that is no id");
            return -EINVAL;
        }
        claim->names[claim->device_count++] = item->valuestring;
    }
    claim->devices = claim->names;
    return 0;
}

/* Absent, or an id. */
static int read_id(const cJSON *document, const char *key, size_t max_bytes, const char **ret,
                   struct payload_error *reterr)
{
    const char *id = NULL;
    int r = payload_json_text(document, key, max_bytes, &id, reterr);
    if (r == 0 && id != NULL && !topic_id_is_valid(id)) {
        payload_fail(reterr, "'%s' is no id", key);
        r = -EINVAL;
    }
    *ret = r == 0 ? id : *ret;
    return r;
}

static int read_claim(struct payload_node_claim *claim, struct payload_error *reterr)
{
    const cJSON *document = claim->document;
    int r = payload_json_distinct(document, reterr);
    r = r < 0 ? r : read_role(document, &claim->role, reterr);
    r = r < 0 ? r : read_id(document, KEY_GROUP, PAYLOAD_GROUP_MAX_BYTES, &claim->group, reterr);
    r = r < 0 ? r : payload_json_u64(document, KEY_RANK, 1, PAYLOAD_RANK_MAX, &claim->rank, reterr);
    r = r < 0
            ? r
            : payload_json_u64(document, KEY_EPOCH, 0, PAYLOAD_INTEGER_MAX, &claim->epoch, reterr);
    r = r < 0 ? r
              : payload_json_u64(document, KEY_BEAT, 0, PAYLOAD_INTEGER_MAX, &claim->beat, reterr);
    r = r < 0 ? r : read_id(document, KEY_TO, TOPIC_ID_MAX_BYTES, &claim->to, reterr);
    if (r == 0 && (claim->group == NULL) != (claim->role == PAYLOAD_ROLE_ALONE)) {
        payload_fail(reterr, "'" KEY_GROUP "' is there for every role but alone");
        r = -EINVAL;
    }
    if (r == 0 && claim->group != NULL && claim->rank == 0) {
        payload_fail(reterr, "no '" KEY_RANK "'");
        r = -EINVAL;
    }
    return r < 0 ? r : read_devices(document, claim, reterr);
}

int payload_node_claim_decode(const char *text, size_t length, struct payload_node_claim *ret,
                              struct payload_error *reterr)
{
    cJSON *document;
    int r = payload_json_object(text, length, PAYLOAD_CLAIM_MAX_BYTES, &document, reterr);
    if (r < 0) {
        return r;
    }
    struct payload_node_claim claim = {.document = document};
    r = read_claim(&claim, reterr);
    if (r < 0) {
        payload_node_claim_deinit(&claim);
        return r;
    }
    *ret = claim;
    return 0;
}

void payload_node_claim_deinit(struct payload_node_claim *claim)
{
    cJSON_Delete(claim->document);
    free(claim->names);
    *claim = (struct payload_node_claim){0};
}

void payload_fences_begin(struct json_writer *w)
{
    json_object_begin(w, NULL);
    json_array_begin(w, KEY_GROUPS);
}

void payload_fences_group(struct json_writer *w, const struct payload_master *master)
{
    payload_master_write(w, NULL, master);
}

void payload_fences_end(struct json_writer *w)
{
    json_array_end(w);
    json_object_end(w);
}

int payload_fences_decode(const char *text, size_t length,
                          void (*group)(void *context, const struct payload_master *master),
                          void *context, struct payload_error *reterr)
{
    cJSON *document;
    const cJSON *item;
    int r = payload_json_object(text, length, PAYLOAD_STATE_MAX_BYTES, &document, reterr);
    if (r < 0) {
        return r;
    }
    const cJSON *groups = cJSON_GetObjectItemCaseSensitive(document, KEY_GROUPS);
    if (!cJSON_IsArray(groups)) {
        payload_fail(reterr, "'" KEY_GROUPS "' is no list");
        r = -EINVAL;
    }
    cJSON_ArrayForEach(item, groups)
    {
        struct payload_master master;
        r = r < 0 ? r : payload_master_read(item, &master, reterr);
        if (r == 0) {
            group(context, &master);
        }
    }
    cJSON_Delete(document);
    return r;
}
