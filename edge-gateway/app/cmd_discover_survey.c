/* `discover --interface` and `discover --log`: from a bus and DBC files to a configuration. */
#include "edge-gateway/app/commands.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/parse.h"
#include "edge-gateway/app/survey_bus.h"
#include "edge-gateway/app/survey_config.h"
#include "edge-gateway/app/survey_report.h"
#include "edge-gateway/app/survey_source.h"
#include "edge-gateway/app/text_command.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DBC_FILES_MAX     256
#define INTERFACE_MAX     15 /* IFNAMSIZ without its NUL */
#define SECONDS_DEFAULT   30
#define SECONDS_MAX       86400
#define OUTPUT_MAX_BYTES  ((size_t)16 << 20)
#define WRITTEN_FILE_MODE 0644

struct options {
    const char *interface;
    const char *log; /* NULL: listen */
    int64_t duration_us;
    const char *dbc_paths[DBC_FILES_MAX];
    size_t dbc_count;
    const char *write; /* NULL: only report */
    bool force;
};

static const char help[] =
    "usage: edge-gateway discover --interface NAME [--seconds N] --dbc FILE ... [--write FILE]\n"
    "       edge-gateway discover --log FILE [--interface NAME] --dbc FILE ... [--write FILE]\n"
    "       edge-gateway discover --print -c FILE   (what Home Assistant is told)\n\n"
    "Looks at a bus, or at a recorded log, and tells which messages of the DBC files come and\n"
    "how often, which ids nobody knows, and which messages never came; of several DBC files\n"
    "also which fit. Sends nothing, and leaves the interface's bit rate alone.\n\n"
    "      --interface NAME  listen to it; with --log: only its frames\n"
    "      --seconds N       so long (30); Ctrl-C ends it earlier\n"
    "      --log FILE        candump text, Vector ASCII or PEAK trace; - is standard input\n"
    "      --dbc FILE        a DBC file; give several to see which fit\n"
    "      --write FILE      write a gateway.yaml for what was seen: deadbands from the noise\n"
    "                        of each signal, intervals from the pace of each message\n"
    "      --force           even if the file is already there\n"
    "      --print           what Home Assistant is told, a line for each topic\n"
    "  -c, --config FILE     of this configuration\n"
    "  -h, --help            this text\n";

static bool parse_seconds(const char *text, int64_t *ret_us)
{
    uint64_t seconds = 0;
    if (parse_u64(text, strlen(text), SECONDS_MAX, &seconds) < 0 || seconds < 1) {
        (void)fprintf(stderr, "edge-gateway: --seconds is a number from 1 to %d, not '%s'\n",
                      SECONDS_MAX, text);
        return false;
    }
    *ret_us = (int64_t)seconds * US_PER_S;
    return true;
}

static bool take_option(int option, struct options *options)
{
    switch (option) {
    case 'i':
        options->interface = optarg;
        return strlen(optarg) > 0 && strlen(optarg) <= INTERFACE_MAX;
    case 's':
        return parse_seconds(optarg, &options->duration_us);
    case 'l':
        options->log = optarg;
        return true;
    case 'd':
        if (options->dbc_count == DBC_FILES_MAX) {
            return false;
        }
        options->dbc_paths[options->dbc_count++] = optarg;
        return true;
    case 'w':
        options->write = optarg;
        return true;
    case 'f':
        options->force = true;
        return true;
    default:
        return false;
    }
}

/* False: the command ends with *ret_status. */
static bool parse_options(int argc, char **argv, struct options *options, int *ret_status)
{
    static const struct option table[] = {{"interface", required_argument, NULL, 'i'},
                                          {"seconds", required_argument, NULL, 's'},
                                          {"log", required_argument, NULL, 'l'},
                                          {"dbc", required_argument, NULL, 'd'},
                                          {"write", required_argument, NULL, 'w'},
                                          {"force", no_argument, NULL, 'f'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    *ret_status = EXIT_USAGE;
    for (int option; (option = getopt_long(argc, argv, "h", table, NULL)) != -1;) {
        if (option == 'h') {
            (void)fputs(help, stdout);
            *ret_status = EXIT_SUCCESS;
            return false;
        }
        if (!take_option(option, options)) {
            (void)fputs(help, stderr);
            return false;
        }
    }
    if (optind < argc || (options->interface == NULL && options->log == NULL) ||
        options->dbc_count == 0) {
        (void)fputs(help, stderr);
        return false;
    }
    return true;
}

/* Before a minute of listening rather than after it. */
static bool may_write(const struct options *options)
{
    if (options->write == NULL || options->force || access(options->write, F_OK) < 0) {
        return true;
    }
    (void)fprintf(stderr, "edge-gateway: %s is already there: --force overwrites it\n",
                  options->write);
    return false;
}

static int write_file(const struct options *options, const struct buf *text)
{
    int exclusive = options->force ? O_TRUNC : O_EXCL;
    int fd = open(options->write, O_WRONLY | O_CREAT | O_CLOEXEC | exclusive, WRITTEN_FILE_MODE);
    if (fd < 0) {
        return -errno;
    }
    int r = 0;
    for (size_t done = 0; r == 0 && done < text->length;) {
        ssize_t written = write(fd, text->data + done, text->length - done);
        r = written < 0 && errno != EINTR ? -errno : 0;
        done += written > 0 ? (size_t)written : 0;
    }
    return close(fd) < 0 && r == 0 ? -errno : r;
}

/* Where the file will be, absolute; for free(). NULL: errno says why. */
static char *directory_of(const char *path)
{
    char *copy = strdup(path);
    char *real = copy != NULL ? realpath(dirname(copy), NULL) : NULL;
    free(copy);
    return real;
}

static int make_config(const struct options *options, const struct survey_bus *bus,
                       struct buf *text)
{
    char *directory = directory_of(options->write);
    if (directory == NULL) {
        return -errno;
    }
    const char *source = options->log != NULL ? options->log : options->interface;
    int r = survey_config_write(bus, directory, source, text);
    free(directory);
    return r;
}

static int write_config(const struct options *options, const struct survey_bus *bus)
{
    if (survey_bus_coverage(bus).seen == 0) {
        (void)fprintf(stderr,
                      "edge-gateway: %s is not written: no DBC file knows any id of this "
                      "bus\n",
                      options->write);
        return EXIT_FAULT;
    }
    struct buf text;
    buf_init(&text, OUTPUT_MAX_BYTES);
    int r = make_config(options, bus, &text);
    r = r < 0 ? r : write_file(options, &text);
    buf_deinit(&text);
    if (r < 0) {
        return text_command_fault(options->write, r);
    }
    (void)printf("\nwritten: %s; edge-gateway check -c %s\n", options->write, options->write);
    return EXIT_SUCCESS;
}

static int print_report(const struct survey_bus *bus)
{
    struct buf text;
    buf_init(&text, OUTPUT_MAX_BYTES);
    survey_report_write(bus, &text);
    int r = !buf_ok(&text) ? -ENOMEM : fputs(text.data, stdout) < 0 ? -EIO : 0;
    buf_deinit(&text);
    return r < 0 ? text_command_fault("writing", r) : EXIT_SUCCESS;
}

static int look(const struct options *options, struct survey_bus *bus)
{
    int status = options->log != NULL
                     ? survey_read_log(bus, options->log, options->interface)
                     : survey_listen(bus, options->interface, options->duration_us);
    if (status != EXIT_SUCCESS) {
        return status;
    }
    if (bus->frames == 0) {
        (void)fprintf(stderr, "edge-gateway: no frame came\n");
        return EXIT_FAULT;
    }
    survey_bus_finish(bus);
    status = print_report(bus);
    return status == EXIT_SUCCESS && options->write != NULL ? write_config(options, bus) : status;
}

int cmd_discover_survey(int argc, char **argv)
{
    struct options options = {.duration_us = SECONDS_DEFAULT * US_PER_S};
    struct survey_bus bus;
    int status;
    if (!parse_options(argc, argv, &options, &status)) {
        return status;
    }
    if (!may_write(&options)) {
        return EXIT_FAULT;
    }
    int r = survey_bus_init(&bus, options.dbc_paths, options.dbc_count);
    if (r < 0) {
        return r == -EINVAL ? EXIT_FAULT : text_command_fault("starting", r);
    }
    status = look(&options, &bus);
    survey_bus_deinit(&bus);
    return status;
}
