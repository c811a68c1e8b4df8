#include "tests/memory/memory_life.h"

#include "tests/memory/memory_plan.h"
#include "tests/memory/test_folder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAID_MAX_BYTES   (1u << 20)
#define PATIENCE_MS      120000
#define STATUS_SANITIZER 99
#define TAIL_BYTES       4000
#define PATH_SIZE        64

/* One run of a life. */
struct outcome {
    int status; /* as of waitpid() */
    bool late;  /* it did not end */
    uint64_t allocations;
    bool is_met;  /* the allocation that was to fail */
    char *result; /* stdout */
    size_t result_length;
    char *said; /* stderr */
};

struct bench {
    const struct memory_life *life;
    struct memory_account *account; /* shared with the child */
    int broker;                     /* listens, and hangs up */
    char port[8];
    char home[PATH_SIZE]; /* a folder of this program's own */
    const char *state;    /* what lies in STATE_DIRECTORY at first; NULL: nothing */
};

/* Reports of the sanitizers must not look like a status of the program. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "exitcode=99:allocator_may_return_null=1:detect_leaks=1";
}

/* libmosquitto 2.0.11 forgets the properties that it makes itself for a CONNECT which it then has
 * no memory for. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:mosquitto_property_add_int16\n";
}

_Noreturn static void give_up(const char *what)
{
    (void)fprintf(stderr, "memory: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

/* ---- one run ---------------------------------------------------------------------------- */

_Noreturn static void be_child(const struct bench *b, const struct memory_failure *failure, int out,
                               int err, const char *folder)
{
    char *argv[LIFE_WORDS_MAX + 1];
    int argc = 0;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0 || chdir(folder) < 0) {
        _exit(STATUS_SANITIZER - 1);
    }
    (void)setenv("MQTT_PORT", b->port, 1);
    (void)setenv("STATE_DIRECTORY", folder, 1);
    sigset_t stop; /* may come before the daemon waits for it */
    (void)sigemptyset(&stop);
    (void)sigaddset(&stop, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &stop, NULL);
    for (; argc < LIFE_WORDS_MAX && b->life->arguments[argc] != NULL; argc++) {
        argv[argc] = strdup(b->life->arguments[argc]);
    }
    argv[argc] = NULL;
    optind = 0; /* getopt() begins again */
    failing_memory_arm(failure, b->account);
    int status = b->life->run(argc, argv);
    (void)fflush(stdout);
    failing_memory_disarm();
    for (int i = 0; i < argc; i++) {
        free(argv[i]);
    }
    exit(status);
}

/* Everything that a file in memory has, as text. */
static char *take_text(int fd, size_t *ret_length)
{
    char *text = malloc(SAID_MAX_BYTES + 1);
    ssize_t length = text != NULL ? pread(fd, text, SAID_MAX_BYTES, 0) : -1;
    if (length < 0) {
        give_up("read");
    }
    text[length] = '\0';
    *ret_length = (size_t)length;
    (void)close(fd);
    return text;
}

static void stop_child(const struct bench *b, pid_t child)
{
    int connection = accept4(b->broker, NULL, NULL, SOCK_CLOEXEC);
    if (connection >= 0) {
        (void)close(connection);
        (void)kill(child, SIGTERM);
    }
}

/* False: it did not end in time, and was killed. */
static bool await(const struct bench *b, pid_t child, int *ret_status)
{
    int handle = (int)syscall(SYS_pidfd_open, child, 0);
    if (handle < 0) {
        give_up("pidfd_open");
    }
    struct pollfd fds[2] = {{.fd = handle, .events = POLLIN},
                            {.fd = b->life->serves ? b->broker : -1, .events = POLLIN}};
    bool late = false;
    while ((fds[0].revents & POLLIN) == 0 && !late) {
        late = poll(fds, 2, PATIENCE_MS) == 0;
        if ((fds[1].revents & POLLIN) != 0) {
            stop_child(b, child);
        }
    }
    if (late) {
        (void)kill(child, SIGABRT); /* tells where it hangs */
    }
    (void)waitpid(child, ret_status, 0);
    (void)close(handle);
    return !late;
}

/* Connections of the run before, which nobody took. */
static void hang_up(const struct bench *b)
{
    int connection;
    while ((connection = accept4(b->broker, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        (void)close(connection);
    }
}

static void run_in(const char *folder, const struct bench *b, const struct memory_failure *failure,
                   struct outcome *ret)
{
    int out = memfd_create("stdout", MFD_CLOEXEC);
    int err = memfd_create("stderr", MFD_CLOEXEC);
    if (out < 0 || err < 0) {
        give_up("memfd_create");
    }
    hang_up(b);
    (void)fflush(NULL);
    pid_t child = fork();
    if (child < 0) {
        give_up("fork");
    }
    if (child == 0) {
        be_child(b, failure, out, err, folder);
    }
    size_t length;
    ret->late = !await(b, child, &ret->status);
    ret->allocations = atomic_load(&b->account->allocations);
    ret->is_met = atomic_load(&b->account->failed) > 0;
    ret->result = take_text(out, &ret->result_length);
    ret->said = take_text(err, &length);
}

/* The same name each time: it stands in what a run prints. */
static void make_folder(const struct bench *b, const char *name, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%.*s/%s", PATH_SIZE - 16, b->home, name);
    if (mkdir(path, S_IRWXU) < 0) {
        give_up(path);
    }
}

static void run_once(const struct bench *b, const struct memory_failure *failure,
                     struct outcome *ret)
{
    char folder[PATH_SIZE];
    make_folder(b, "run", folder);
    if (b->state != NULL && test_folder_copy(b->state, folder) < 0) {
        give_up("a copy of the files of the life before");
    }
    run_in(folder, b, failure, ret);
    test_folder_remove(folder);
}

static void outcome_deinit(struct outcome *outcome)
{
    free(outcome->result);
    free(outcome->said);
}

/* ---- what is right ---------------------------------------------------------------------- */

static bool ended_well(const struct outcome *outcome)
{
    return WIFEXITED(outcome->status) && WEXITSTATUS(outcome->status) == EXIT_SUCCESS;
}

/* A new thread for which the sanitizer itself has no memory. */
static bool is_sanitizers_own(const char *said)
{
    return strstr(said, "AddressSanitizer: CHECK failed: sanitizer_linux_libcdep.cpp") != NULL;
}

static bool speaks_of_memory(const char *said)
{
    return strstr(said, "memory") != NULL;
}

/* NULL: all is well; or what is not. */
static const char *fault_of(const struct bench *b, const struct outcome *usual,
                            const struct outcome *outcome)
{
    if (outcome->late) {
        return "does not end";
    }
    if (!WIFEXITED(outcome->status)) {
        return "dies of a signal";
    }
    if (WEXITSTATUS(outcome->status) == STATUS_SANITIZER) {
        return is_sanitizers_own(outcome->said) ? NULL : "a sanitizer reports";
    }
    if (!ended_well(outcome)) {
        return speaks_of_memory(outcome->said) ? NULL : "fails without saying that memory is short";
    }
    bool same = outcome->result_length == usual->result_length &&
                memcmp(outcome->result, usual->result, usual->result_length) == 0;
    return same || b->life->serves ? NULL : "ends well, with another result";
}

static void show(const char *title, const char *text)
{
    size_t length = strlen(text);
    const char *tail = length > TAIL_BYTES ? text + length - TAIL_BYTES : text;
    (void)printf("  -- %s%s\n%s\n", title, tail > text ? " (its end)" : "", tail);
}

/* Runs it again, with the place of the failure. */
static void explain(const struct bench *b, const struct memory_step *step)
{
    struct outcome outcome;
    struct memory_failure failure = step->failure;
    failure.trace = true;
    run_once(b, &failure, &outcome);
    (void)printf("  -- status %s %d\n", WIFEXITED(outcome.status) ? "exit" : "signal",
                 WIFEXITED(outcome.status) ? WEXITSTATUS(outcome.status)
                                           : WTERMSIG(outcome.status));
    show("said, with the place where it failed", outcome.said);
    show("result", outcome.result);
    outcome_deinit(&outcome);
}

/* ---- a life ----------------------------------------------------------------------------- */

struct tally {
    uint64_t refused;  /* said that memory is short */
    uint64_t not_ours; /* the sanitizer had none for itself */
    uint64_t not_met;  /* threads took turns otherwise: that allocation was not made */
    uint64_t findings;
};

static void look(const struct bench *b, const struct memory_options *options,
                 const struct outcome *usual, const struct memory_step *step, struct tally *tally)
{
    struct outcome outcome;
    run_once(b, &step->failure, &outcome);
    const char *fault = fault_of(b, usual, &outcome);
    bool own = fault == NULL && is_sanitizers_own(outcome.said);
    tally->not_ours += own ? 1 : 0;
    tally->refused += fault == NULL && !own && !ended_well(&outcome) ? 1 : 0;
    tally->not_met += fault == NULL && ended_well(&outcome) && !outcome.is_met ? 1 : 0;
    if (fault != NULL) {
        tally->findings++;
        (void)printf("FINDING %s: allocation %" PRIu64 ": %s\n", b->life->name, step->number,
                     fault);
    }
    if (fault != NULL && tally->findings <= options->findings_max) {
        show("said", outcome.said);
        explain(b, step);
    }
    outcome_deinit(&outcome);
}

/* The life before it, which leaves its files in `folder`. */
static bool live_before(struct bench *b, const struct memory_life *before, char folder[PATH_SIZE])
{
    struct bench first = *b;
    struct outcome outcome;
    first.life = before;
    make_folder(b, "before", folder);
    run_in(folder, &first, &(struct memory_failure){0}, &outcome);
    bool good = ended_well(&outcome);
    if (!good) {
        (void)printf("FINDING %s: fails with all the memory that it wants\n", before->name);
        show("said", outcome.said);
    }
    outcome_deinit(&outcome);
    b->state = folder;
    return good;
}

static void tell(const struct bench *b, const struct memory_plan *plan, uint64_t allocations,
                 const struct tally *tally)
{
    uint64_t done =
        plan->count - tally->refused - tally->not_ours - tally->not_met - tally->findings;
    (void)printf("%s: %" PRIu64 " allocations, ", b->life->name, allocations);
    if (plan->sites > 0) {
        (void)printf("%zu stacks of calls, ", plan->sites);
    }
    (void)printf("%zu failed in turn: %" PRIu64 " refused, %" PRIu64 " done without, %" PRIu64
                 " not met, %" PRIu64 " of the sanitizer's own, %" PRIu64 " findings\n",
                 plan->count, tally->refused, done, tally->not_met, tally->not_ours,
                 tally->findings);
    (void)fflush(stdout);
}

/* A run in which all memory is there, and what shall fail in those that follow. */
static bool prepare(struct bench *b, const struct memory_options *options,
                    struct outcome *ret_usual, struct memory_plan *ret_plan)
{
    b->account->has_sites = options->sites;
    run_once(b, &(struct memory_failure){0}, ret_usual);
    b->account->has_sites = false;
    if (!ended_well(ret_usual) || ret_usual->allocations == 0) {
        (void)printf("FINDING %s: fails with all the memory that it wants\n", b->life->name);
        show("said", ret_usual->said);
        return false;
    }
    int error = memory_plan_make(options, b->account, ret_plan);
    if (error < 0) {
        errno = -error;
        give_up("a plan");
    }
    return true;
}

static bool live(struct bench *b, const struct memory_options *options)
{
    struct outcome usual;
    struct tally tally = {0};
    struct memory_plan plan = {0};
    bool good = prepare(b, options, &usual, &plan);
    if (good && options->only > 0) {
        explain(b, &(struct memory_step){.failure = {.number = options->only}});
    } else if (good) {
        for (size_t i = 0; i < plan.count; i++) {
            look(b, options, &usual, &plan.steps[i], &tally);
        }
        tell(b, &plan, usual.allocations, &tally);
    }
    memory_plan_deinit(&plan);
    outcome_deinit(&usual);
    return good && tally.findings == 0;
}

/* ---- the program ------------------------------------------------------------------------ */

static void open_broker(struct bench *b)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof(address);
    b->broker = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (b->broker < 0 || bind(b->broker, (struct sockaddr *)&address, length) < 0 ||
        listen(b->broker, 8) < 0 ||
        getsockname(b->broker, (struct sockaddr *)&address, &length) < 0) {
        give_up("a place to listen");
    }
    (void)snprintf(b->port, sizeof(b->port), "%u", ntohs(address.sin_port));
}

static bool is_wanted(const char *name, char **names, int count)
{
    bool wanted = count == 0;
    for (int i = 0; i < count; i++) {
        wanted = wanted || strcmp(names[i], name) == 0;
    }
    return wanted;
}

int memory_life_main(int argc, char **argv, const struct memory_life *lives, size_t count)
{
    struct memory_options options;
    if (!memory_options_parse(argc, argv, &options)) {
        return 2;
    }
    struct bench b = {.broker = -1, .home = "/tmp/edge-memory-XXXXXX"};
    int first = optind;
    bool good = true;
    b.account =
        mmap(NULL, sizeof(*b.account), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (b.account == MAP_FAILED) {
        give_up("mmap");
    }
    if (mkdtemp(b.home) == NULL) {
        give_up("a folder for the runs");
    }
    open_broker(&b);
    if (!options.all && !options.sites) {
        (void)printf("seed %u\n", options.seed);
    }
    for (size_t i = 0; i < count; i++) {
        char folder[PATH_SIZE];
        const struct memory_life *before = lives[i].before;
        if (!is_wanted(lives[i].name, argv + first, argc - first)) {
            continue;
        }
        b.life = &lives[i];
        b.state = NULL;
        good = (before == NULL || live_before(&b, before, folder)) && live(&b, &options) && good;
        if (b.state != NULL) {
            test_folder_remove(folder);
        }
    }
    test_folder_remove(b.home);
    (void)close(b.broker);
    (void)munmap(b.account, sizeof(*b.account));
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
