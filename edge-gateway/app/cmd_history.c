#include "edge-gateway/app/commands.h"

#include "common/clock.h"
#include "common/parse.h"
#include "common/quote.h"
#include "edge-gateway/app/dbc_files.h"
#include "edge-gateway/app/history.h"
#include "edge-gateway/app/log_source.h"
#include "edge-gateway/app/time_argument.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DBC_FILES_MAX 256

struct options {
    const char *log;
    const char *config;
    const char *dbc_paths[DBC_FILES_MAX];
    size_t dbc_count;
    const struct history_format *format;
    struct history_filter filter;
    struct log_span span;
    uint64_t limit;
    bool shows_gaps;
    bool shows_unknown;
};

static void print_usage(FILE *to)
{
    (void)fprintf(to,
                  "usage: edge-gateway history --log FILE --dbc FILE [--dbc FILE ...] [OPTIONS]\n"
                  "       edge-gateway history --log FILE --format candump [OPTIONS]\n"
                  "       edge-gateway history -c FILE [OPTIONS]\n");
}

static void print_help(void)
{
    print_usage(stdout);
    (void)printf(
        "\n"
        "Prints the readings and events of a gateway's frame log (store.file), in order of seq,\n"
        "also while the gateway writes it.\n"
        "\n"
        "      --log FILE        the database\n"
        "  -c, --config FILE     a gateway's configuration, which names it and the DBC files\n"
        "      --dbc FILE        a DBC file; of several, the first that knows an id decodes it\n"
        "      --format ndjson|candump|csv\n"
        "                        ndjson: as decode prints, with seq (the default); candump: a log\n"
        "                        to replay\n"
        "      --from TIME       not before: 1795423160.5, 2026-11-23T08:39:20Z, -1h; local time\n"
        "                        without a zone\n"
        "      --to TIME         before\n"
        "      --bus NAME        of this bus only\n"
        "      --message NAME    this message only; csv: a row for each reading, a column for\n"
        "                        each signal\n"
        "      --signal NAME     this signal only\n"
        "      --after-seq N     what comes after this seq\n"
        "      --limit N         so many frames and events at most\n"
        "      --gaps            tell in the output which seqs did not come, and why\n"
        "      --unknown         print frames that no DBC knows, too (ndjson)\n"
        "  -h, --help            this text\n"
        "\n"
        "On stderr: how many seqs did not come, by reason, and what else was left out.\n"
        "\n"
        "  edge-gateway history -c gateway.yaml --from -1h --message Climate --format csv\n"
        "  edge-gateway history --log edge.db --format candump > day.log\n");
}

enum option_code {
    OPTION_LOG = 256,
    OPTION_DBC,
    OPTION_FORMAT,
    OPTION_FROM,
    OPTION_TO,
    OPTION_BUS,
    OPTION_MESSAGE,
    OPTION_SIGNAL,
    OPTION_AFTER_SEQ,
    OPTION_LIMIT,
    OPTION_GAPS,
    OPTION_UNKNOWN
};

/* ---- arguments -------------------------------------------------------------------------- */

static bool refuse_value(const char *option, const char *value, const char *what)
{
    (void)fprintf(stderr, "edge-gateway: %s: %s is not %s\n", option,
                  quote_text(&(struct quote){0}, value), what);
    return false;
}

static bool take_number(const char *option, const char *text, uint64_t *ret)
{
    return parse_u64(text, strlen(text), UINT64_MAX, ret) == 0 ||
           refuse_value(option, text, "a number");
}

static bool take_time(struct log_span *span, const char *option, const char *text, int64_t *ret_us)
{
    int64_t now_us = clock_system.realtime_us(clock_system.context);
    span->has_time = true;
    return time_argument_parse(text, now_us, ret_us) == 0 || refuse_value(option, text, "a time");
}

static bool take_dbc(struct options *options, const char *path)
{
    if (options->dbc_count == DBC_FILES_MAX) {
        (void)fprintf(stderr, "edge-gateway: at most %d DBC files\n", DBC_FILES_MAX);
        return false;
    }
    options->dbc_paths[options->dbc_count++] = path;
    return true;
}

static bool take_format(struct options *options, const char *name)
{
    options->format = history_format_find(name);
    return options->format != NULL || refuse_value("--format", name, "ndjson, candump or csv");
}

/* False: wrong usage. */
static bool take_option(struct options *options, int option, const char *value)
{
    switch (option) {
    case 'c':
        options->config = value;
        return true;
    case OPTION_LOG:
        options->log = value;
        return true;
    case OPTION_DBC:
        return take_dbc(options, value);
    case OPTION_FORMAT:
        return take_format(options, value);
    case OPTION_FROM:
        return take_time(&options->span, "--from", value, &options->span.from_us);
    case OPTION_TO:
        return take_time(&options->span, "--to", value, &options->span.to_us);
    case OPTION_BUS:
        options->filter.bus = value;
        return true;
    case OPTION_MESSAGE:
        options->filter.message = value;
        return true;
    case OPTION_SIGNAL:
        options->filter.signal = value;
        return true;
    case OPTION_AFTER_SEQ:
        return take_number("--after-seq", value, &options->span.after_seq);
    case OPTION_LIMIT:
        return take_number("--limit", value, &options->limit);
    case OPTION_GAPS:
        options->shows_gaps = true;
        return true;
    case OPTION_UNKNOWN:
        options->shows_unknown = true;
        return true;
    default:
        print_usage(stderr);
        return false;
    }
}

/* What does not go together. */
static bool check_options(const struct options *options)
{
    bool has_dbc = options->dbc_count > 0 || options->config != NULL;
    bool is_filtered = options->filter.message != NULL || options->filter.signal != NULL;
    const char *what = NULL;
    if (options->log == NULL && options->config == NULL) {
        what = "which log? Give --log or -c";
    } else if (!has_dbc && options->format->decodes) {
        what = "to decode it needs --dbc or -c; --format candump does without";
    } else if (!has_dbc && is_filtered) {
        what = "--message and --signal need --dbc or -c";
    } else if (options->shows_gaps && options->format->gap == NULL) {
        what = "--gaps has no place in this format";
    } else if (options->shows_unknown && !options->format->prints_unknown) {
        what = "--unknown has no place in this format";
    }
    if (what != NULL) {
        (void)fprintf(stderr, "edge-gateway: %s\n", what);
        print_usage(stderr);
    }
    return what == NULL;
}

/* False: the command ends with *ret_status. */
static bool parse_options(int argc, char **argv, struct options *options, int *ret_status)
{
    static const struct option table[] = {
        {"log", required_argument, NULL, OPTION_LOG},
        {"config", required_argument, NULL, 'c'},
        {"dbc", required_argument, NULL, OPTION_DBC},
        {"format", required_argument, NULL, OPTION_FORMAT},
        {"from", required_argument, NULL, OPTION_FROM},
        {"to", required_argument, NULL, OPTION_TO},
        {"bus", required_argument, NULL, OPTION_BUS},
        {"message", required_argument, NULL, OPTION_MESSAGE},
        {"signal", required_argument, NULL, OPTION_SIGNAL},
        {"after-seq", required_argument, NULL, OPTION_AFTER_SEQ},
        {"limit", required_argument, NULL, OPTION_LIMIT},
        {"gaps", no_argument, NULL, OPTION_GAPS},
        {"unknown", no_argument, NULL, OPTION_UNKNOWN},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    *options = (struct options){.format = history_format_find("ndjson"),
                                .span = {.from_us = INT64_MIN, .to_us = INT64_MAX}};
    *ret_status = EXIT_USAGE;
    for (int option; (option = getopt_long(argc, argv, "c:h", table, NULL)) != -1;) {
        if (option == 'h') {
            print_help();
            *ret_status = EXIT_SUCCESS;
            return false;
        }
        if (!take_option(options, option, optarg)) {
            return false;
        }
    }
    if (optind < argc) {
        print_usage(stderr);
        return false;
    }
    return check_options(options);
}

/* ---- what there is to say of it --------------------------------------------------------- */

static void tell_voids(const struct history_counts *counts)
{
    const char *before = "edge-gateway: seqs that did not come:";
    for (int i = 0; i < SEGMENT_VOID_COUNT; i++) {
        if (counts->voids[i] > 0) {
            (void)fprintf(stderr, "%s %" PRIu64 " %s", before, counts->voids[i],
                          segment_void_text((enum segment_void)i));
            before = ",";
        }
    }
    if (counts->missing > 0) {
        (void)fprintf(stderr, "%s %" PRIu64 " missing", before, counts->missing);
        before = ",";
    }
    if (before[0] == ',') {
        (void)fprintf(stderr, "\n");
    }
}

static void tell_count(uint64_t count, const char *what)
{
    if (count > 0) {
        (void)fprintf(stderr, "edge-gateway: %" PRIu64 " %s\n", count, what);
    }
}

static void tell(const struct history_counts *counts)
{
    tell_voids(counts);
    tell_count(counts->unknown, "frames unknown to the DBC");
    tell_count(counts->without_data, "remote and error frames, which have no signals");
    tell_count(counts->events_left_out, "events left out; ndjson has them");
    tell_count(counts->damaged, "segments of the log are damaged: see edge-gateway verify");
}

/* ---- work ------------------------------------------------------------------------------- */

/* A reader that went away (EPIPE) ends the work quietly. */
static int print(const struct history *history, const struct log_source *source)
{
    struct history_counts counts;
    int r = history_print(history, &counts);
    int written = output_flush(&history->writer->output);
    if (written < 0) {
        if (written != -EPIPE) {
            (void)fprintf(stderr, "edge-gateway: writing: %s\n", strerror(-written));
        }
        return EXIT_FAULT;
    }
    tell(&counts);
    if (r < 0) {
        return log_source_fault(source, r);
    }
    return counts.damaged == 0 ? EXIT_SUCCESS : EXIT_FAULT;
}

static int run_filtered(const struct options *options, const struct log_source *source,
                        struct history_buses *buses)
{
    struct history_writer writer;
    const struct history history = {
        .db = source->db,
        .buses = buses,
        .writer = &writer,
        .span = options->span,
        .signal = options->filter.signal,
        .shows_events = options->filter.bus == NULL && options->filter.message == NULL &&
                        options->filter.signal == NULL,
        .shows_gaps = options->shows_gaps,
        .shows_unknown = options->shows_unknown,
        .limit = options->limit,
    };
    int r = history_writer_init(&writer, options->format, buses);
    int status = r < 0 ? log_source_fault(source, r) : EXIT_SUCCESS;
    writer.signal = options->filter.signal;
    if (options->format == &history_csv && options->filter.message != NULL) {
        writer.columns = history_buses_columns(buses);
        status = writer.columns == NULL ? log_source_fault(source, -ENOMEM) : status;
    }
    if (status == EXIT_SUCCESS) {
        status = print(&history, source);
    }
    history_writer_deinit(&writer, buses);
    return status;
}

static int run_on_log(const struct options *options, const struct log_source *source)
{
    struct history_buses buses;
    struct dbc_database *all = NULL;
    int r = history_buses_read(&buses, source->db);
    if (r < 0) {
        return log_source_fault(source, r);
    }
    if (options->dbc_count > 0) {
        all = dbc_files_load(options->dbc_paths, options->dbc_count);
        if (all == NULL) {
            return EXIT_FAULT;
        }
    }
    history_buses_decode_by(&buses, all, source->has_config ? source->loaded.plan : NULL);
    int status = history_buses_filter(&buses, &options->filter)
                     ? run_filtered(options, source, &buses)
                     : EXIT_FAULT;
    dbc_free(all);
    return status;
}

int cmd_history(int argc, char **argv)
{
    struct options options;
    struct log_source source;
    int status;
    if (!parse_options(argc, argv, &options, &status)) {
        return status;
    }
    status = log_source_open(&source, options.log, options.config);
    if (status != EXIT_SUCCESS) {
        return status;
    }
    status = run_on_log(&options, &source);
    log_source_close(&source);
    return status;
}
