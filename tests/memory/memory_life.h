/*
 * Runs a life - a command of a program, or a module from birth to death - with its first
 * allocation failing, then with the second, and so on until none failed, each time in a process
 * of its own. Whatever fails, the life must end with its usual result, or say that memory is
 * short; it must not crash, hang or leak (AddressSanitizer looks).
 */
#ifndef EDGE_TESTS_MEMORY_LIFE_H
#define EDGE_TESTS_MEMORY_LIFE_H

#include <stdbool.h>
#include <stddef.h>

#define LIFE_WORDS_MAX 12

struct memory_life {
    const char *name;
    /* An exit status. Works in an empty folder; stdout is its result, stderr what it says. */
    int (*run)(int argc, char **argv);
    const char *arguments[LIFE_WORDS_MAX]; /* argv of that; NULL ends them */
    const struct memory_life *before; /* what left files in STATE_DIRECTORY; NULL: nothing did */
    bool serves; /* a daemon: is told to stop when it comes to its broker, MQTT_PORT */
};

/*
 * The program: [--all | --sites] [--seed N] [--runs N] [--from N] [--only N] [--findings N]
 * [NAME ...]. --sites: of each stack of calls that asks for memory (its innermost dozen) the first
 * allocation and the last; a run that a loop of ten thousand names fills need not fail ten thousand
 * times then. Without either, only some of the allocations of each life fail (--runs, default 40),
 * from a place that --seed decides. --only: that one, with all that is said. Gives its exit status.
 */
int memory_life_main(int argc, char **argv, const struct memory_life *lives, size_t count);

#endif
