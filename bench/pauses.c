/*
 * Pauses of the machine that nothing in it can prevent, as when a host gives a virtual machine's
 * processors to another: a thread on each processor sleeps a millisecond at a time, in the
 * real-time class where that is permitted, and sees how late it wakes.
 *
 *   pauses          answers each line of its input with the longest pause since the one before, in
 *                   microseconds; the end of the input is its own
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define NAP_NS    1000000
#define PRIORITY  50
#define CPUS_MAX  256
#define LINE_SIZE 16

static atomic_int_fast64_t longest_ns; /* the one thing that the threads share */

static int64_t now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void note(int64_t pause_ns)
{
    int_fast64_t before = atomic_load(&longest_ns);
    while (pause_ns > before && !atomic_compare_exchange_weak(&longest_ns, &before, pause_ns)) {
    }
}

static void *watch(void *argument)
{
    (void)argument;
    int64_t before = now_ns();
    for (;;) {
        const struct timespec nap = {0, NAP_NS};
        (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
        int64_t now = now_ns();
        note(now - before - NAP_NS);
        before = now;
    }
    return NULL;
}

static int start(size_t cpu)
{
    pthread_attr_t attributes;
    pthread_t thread;
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(cpu, &here);
    (void)pthread_attr_init(&attributes);
    int r = pthread_attr_setaffinity_np(&attributes, sizeof(here), &here);
    if (r == 0) {
        r = pthread_create(&thread, &attributes, watch, NULL);
    }
    (void)pthread_attr_destroy(&attributes);
    return r;
}

int main(void)
{
    const struct sched_param priority = {.sched_priority = PRIORITY};
    (void)sched_setscheduler(0, SCHED_FIFO, &priority); /* the threads inherit it */
    cpu_set_t cpus;
    if (sched_getaffinity(0, sizeof(cpus), &cpus) < 0) {
        perror("pauses");
        return 1;
    }
    for (size_t cpu = 0; cpu < CPUS_MAX; cpu++) {
        if (CPU_ISSET(cpu, &cpus) && start(cpu) != 0) {
            (void)fputs("pauses: no thread can be made\n", stderr);
            return 1;
        }
    }
    char line[LINE_SIZE];
    while (fgets(line, sizeof(line), stdin) != NULL) {
        printf("%lld\n", (long long)atomic_exchange(&longest_ns, 0) / 1000);
        (void)fflush(stdout);
    }
    return 0;
}
