/*
 * The same as fuzz_gateway.c for a gateway with a frame log and two sinks, whose acknowledgements
 * and questions for history come from anybody. A database for each input makes it slower.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/gateway_dispatch.h"

#include <unistd.h>

#define PATH_SIZE 128

static char directory[PATH_SIZE / 2];

static void remove_files(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        char path[PATH_SIZE];
        (void)snprintf(path, sizeof(path), "%s/log.db%s", directory, suffixes[i]);
        (void)unlink(path); /* not all are there */
    }
}

static void remove_directory(void)
{
    remove_files();
    (void)rmdir(directory); /* nothing else is in it */
}

static struct configuration *load(void)
{
    char more[4 * PATH_SIZE];
    const char *memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    (void)snprintf(directory, sizeof(directory), "%s/edge-fuzz-XXXXXX", memory);
    require(mkdtemp(directory) != NULL);
    require(atexit(remove_directory) == 0);
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
    gateway_dispatch(configuration, data, size);
    remove_files();
    return 0;
}
