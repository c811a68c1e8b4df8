/*
 * The same as fuzz_gateway.c for a gateway with a frame log and two sinks, whose acknowledgements
 * and questions for history come from anybody. A database for each input makes it slower.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/gateway_dispatch.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 128

static char directory[PATH_SIZE / 2];

/* With all that the store has put there. */
static void remove_directory(void)
{
    DIR *open = opendir(directory);
    require(open != NULL);
    for (struct dirent *entry = readdir(open); entry != NULL; entry = readdir(open)) {
        (void)unlinkat(dirfd(open), entry->d_name, 0); /* fails for . and .. */
    }
    (void)closedir(open);
    require(rmdir(directory) == 0);
}

static struct configuration *load(void)
{
    char more[4 * PATH_SIZE];
    const char *memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    (void)snprintf(directory, sizeof(directory), "%s/edge-fuzz-XXXXXX", memory);
    require(mkdtemp(directory) != NULL && rmdir(directory) == 0);
    (void)snprintf(more, sizeof(more),
                   "store: { file: %s/log.db, max_size: 8MiB, commit_interval: 100ms }\n"
                   "backfill: { ack: sink, sinks: [one, two], ack_timeout: 1s, batch: 3 }\n",
                   directory);
    return gateway_dispatch_load(more);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct configuration *configuration;
    if (configuration == NULL) {
        configuration = load();
    }
    require(mkdir(directory, 0700) == 0); /* not at exit: libFuzzer leaves by _Exit() */
    gateway_dispatch(configuration, data, size);
    remove_directory();
    return 0;
}
