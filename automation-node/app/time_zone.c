#include "automation-node/app/time_zone.h"

#include "common/buf.h"
#include "common/file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define DIRECTORY      "/usr/share/zoneinfo/"
#define MACHINE_ZONE   "/etc/localtime"
#define FILE_MAX_BYTES (64u * 1024u)
#define NAME_MAX_BYTES 128

static int load_file(const char *path, struct zone **ret)
{
    struct buf bytes;
    buf_init(&bytes, FILE_MAX_BYTES + 1);
    int r = file_read(path, FILE_MAX_BYTES, &bytes, NULL);
    if (r == 0) {
        r = zone_new_tzif(bytes.data != NULL ? bytes.data : "", bytes.length, ret);
    }
    buf_deinit(&bytes);
    return r;
}

/* Below the directory, and nowhere else. */
static bool is_name(const char *name)
{
    return name[0] != '\0' && name[0] != '/' && strstr(name, "..") == NULL &&
           strlen(name) <= NAME_MAX_BYTES;
}

static int load_named(const char *name, struct zone **ret)
{
    int r = zone_new_posix(name, ret);
    if (r != -EINVAL) {
        return r;
    }
    if (!is_name(name)) {
        return -ENOENT;
    }
    char path[sizeof(DIRECTORY) + NAME_MAX_BYTES];
    memcpy(path, DIRECTORY, sizeof(DIRECTORY) - 1);
    memcpy(path + sizeof(DIRECTORY) - 1, name, strlen(name) + 1);
    r = load_file(path, ret);
    return r == -EISDIR ? -ENOENT : r;
}

int time_zone_load(const char *name, struct zone **ret)
{
    const char *variable = getenv("TZ");
    if (name == NULL && variable != NULL && variable[0] != '\0') {
        name = variable[0] == ':' ? variable + 1 : variable;
    }
    if (name != NULL) {
        return load_named(name, ret);
    }
    int r = load_file(MACHINE_ZONE, ret);
    return r == -ENOENT ? zone_new_posix("UTC0", ret) : r;
}
