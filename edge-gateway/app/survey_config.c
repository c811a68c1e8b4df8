#include "edge-gateway/app/survey_config.h"

#include "edge-gateway/app/survey_report.h"
#include "topics/topic_id.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FASTEST_S \
    0.09 /* more or less 100 ms: readings of one message that people and charts make use of */
#define FASTEST_TEXT       "100ms"
#define MAX_INTERVAL_S     10.0 /* the built-in ones, which default_stale_after_us() of plan.c uses */
#define STALE_PER_INTERVAL 1.5
#define STALE_CYCLES       3.0
#define SLOW_S             2.0 /* up to here, max_interval rules */

/* ---- texts ------------------------------------------------------------------------------ */

/* Text of a DBC or a file's name inside a comment: on one line. */
static void put_comment_text(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        buf_printf(out, "%c", (unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text);
    }
}

/* A double-quoted scalar; the gateway takes ${...} for a variable and $$ for a dollar sign. */
static void put_quoted(struct buf *out, const char *text)
{
    buf_puts(out, "\"");
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            buf_printf(out, "\\%c", *text);
        } else if (*text == '$') {
            buf_puts(out, "$$");
        } else if ((unsigned char)*text < ' ' || *text == 0x7f) {
            buf_printf(out, "\\x%02X", (unsigned)*text);
        } else {
            buf_printf(out, "%c", *text);
        }
    }
    buf_puts(out, "\"");
}

static int put_path(struct buf *out, const char *path, const char *directory)
{
    char *real = realpath(path, NULL);
    if (real == NULL) {
        return -errno;
    }
    size_t length = strlen(directory);
    bool below = strncmp(real, directory, length) == 0 && real[length] == '/';
    put_quoted(out, below ? real + length + 1 : real);
    free(real);
    return 0;
}

static void put_number(struct buf *out, double value)
{
    buf_printf(out, "%.10g", value); /* 0.3, where the sum of its parts is 0.30000000000000004 */
}

/* ---- the head --------------------------------------------------------------------------- */

static void put_head(const struct survey_bus *bus, const char *source, struct buf *out)
{
    buf_puts(out, "# A beginning, made by `edge-gateway discover` from ");
    put_comment_text(out, source);
    buf_printf(
        out,
        ":\n# %" PRIu64 " frames of %zu ids in %.1f s. It is yours now: read it, change it.\n"
        "# Then: edge-gateway check -c FILE; edge-gateway run -c FILE\n"
        "\n"
        "site: home    # the plant, boat or house: a level of every topic\n"
        "node: gw1     # this gateway's id within the site\n"
        "broker:\n"
        "  address: 127.0.0.1\n"
        "  # username: gateway\n"
        "  # password: file:/etc/gateway.password\n"
        "store:\n"
        "  # what the broker misses is kept here, and sent when it is back; STATE_DIRECTORY is a "
        "service's\n"
        "  file: ${STATE_DIRECTORY:-.}/edge.db\n"
        "  # max_size: 1GiB\n"
        "dash_cam:\n"
        "  enabled: yes    # the raw frames around bus-off, or when somebody asks\n"
        "  directory: ${STATE_DIRECTORY:-.}/recordings\n"
        "\n"
        "buses:\n",
        bus->frames, id_table_count(bus->ids), survey_bus_seconds(bus));
}

/* The name of a bus is a level of topics; an interface may be called anything. */
static void put_bus(const struct survey_bus *bus, struct buf *out)
{
    bool is_id = topic_id_is_valid(bus->name) && !topic_id_is_reserved(bus->name);
    buf_printf(out, "  %s:\n", is_id ? bus->name : "can0");
    buf_puts(out, "    driver: socketcan\n");
    if (!is_id) {
        buf_puts(out, "    socketcan: { interface: ");
        put_quoted(out, bus->name);
        buf_puts(out, " }\n");
    }
    buf_puts(out, "    # Without the bus, from a recorded log:\n"
                  "    # driver: replay\n"
                  "    # replay: { file: drive.log, loop: yes }\n");
}

static int put_files(const struct survey_bus *bus, const char *directory, struct buf *out)
{
    int r = 0;
    buf_puts(out, "    dbc: # of two files that know an id, the first wins\n");
    for (size_t i = 0; r == 0 && i < bus->file_count; i++) {
        buf_puts(out, bus->files[i].used ? "      - " : "      # does not fit or adds nothing: ");
        r = put_path(out, bus->files[i].path, directory);
        buf_puts(out, "\n");
    }
    return r;
}

/* ---- messages --------------------------------------------------------------------------- */

static void put_seen(const struct dbc_signal *signal, const struct survey_signal *seen,
                     struct buf *out)
{
    buf_printf(out, "seen %.6g to %.6g%s", seen->noise.min, seen->noise.max,
               signal->unit[0] != '\0' ? " " : "");
    put_comment_text(out, signal->unit);
}

/* A deadband, or in a comment why there is none where one might be looked for. */
static bool put_signal(const struct survey_message *message, size_t index, struct buf *out)
{
    const struct dbc_signal *signal = &message->message->signals[index];
    const struct survey_signal *seen = &message->signals[index];
    double deadband;
    if (!topic_id_is_valid(signal->name)) {
        return false;
    }
    switch (survey_deadband(message, index, &deadband)) {
    case NOISE_DEADBAND:
        buf_printf(out, "          %s: ", signal->name);
        put_number(out, deadband);
        buf_puts(out, "  # ");
        put_seen(signal, seen, out);
        buf_printf(out, "; trembles by %.2g\n", noise_level(&seen->noise));
        return true;
    case NOISE_ONLY:
        buf_printf(out, "          # %s: jumps from end to end; no measurement?\n", signal->name);
        break;
    case NOISE_UNKNOWN:
    case NOISE_STEADY:
    case NOISE_NONE:
        break;
    }
    return false;
}

static void put_deadbands(const struct survey_message *message, struct buf *out)
{
    struct buf lines;
    bool any = false;
    buf_init(&lines, out->max);
    for (size_t i = 0; i < message->message->signal_count; i++) {
        any = put_signal(message, i, &lines) || any;
    }
    if (lines.length > 0) {
        buf_puts(out, any ? "        deadband:\n" : "        # deadband:\n");
        buf_append(out, lines.data, lines.length);
    }
    out->failed = out->failed || lines.failed;
    buf_deinit(&lines);
}

static void put_pace(const struct survey_message *message, struct buf *out)
{
    double cycle_s = survey_cycle_s(message);
    double said_s = (double)message->message->cycle_time_ms / 1000.0;
    if (cycle_s > 0.0 && cycle_s < FASTEST_S) {
        buf_puts(out, "        min_interval: " FASTEST_TEXT "\n");
    }
    /* What the gateway takes for stale by itself it reckons with the cycle that the DBC tells. */
    double stale_s = STALE_PER_INTERVAL * MAX_INTERVAL_S + STALE_CYCLES * said_s;
    double wanted_s = STALE_PER_INTERVAL * MAX_INTERVAL_S + STALE_CYCLES * cycle_s;
    if (cycle_s > SLOW_S && wanted_s > stale_s) {
        buf_printf(out, "        stale_after: %.0fs\n", ceil(wanted_s));
    }
}

static void put_message(const struct survey_message *message, struct buf *out)
{
    char text[SURVEY_CYCLE_TEXT_SIZE];
    double cycle_s = survey_cycle_s(message);
    uint32_t said_ms = message->message->cycle_time_ms;
    buf_printf(out, "      %s: # id %" PRIX32, message->message->name, message->message->can_id);
    if (cycle_s > 0.0) {
        buf_printf(out, ", each %s", survey_cycle_text(cycle_s, text));
    }
    if (survey_cycle_differs(message)) {
        buf_printf(out, " (the DBC says %" PRIu32 " ms)", said_ms);
    }
    buf_puts(out, "\n");
    put_pace(message, out);
    put_deadbands(message, out);
}

/* What the configuration can name, and only once: a gateway publishes the first of that name. */
static bool is_nameable(const struct survey_bus *bus, size_t file,
                        const struct dbc_message *message)
{
    if (!topic_id_is_valid(message->name) || topic_id_is_reserved(message->name) ||
        dbc_find_by_name(bus->files[file].db, message->name) != message) {
        return false;
    }
    for (size_t i = 0; i < file; i++) {
        if (bus->files[i].used && dbc_find_by_name(bus->files[i].db, message->name) != NULL) {
            return false;
        }
    }
    return true;
}

static void put_silent(const struct survey_message *message, struct buf *out)
{
    buf_printf(out, "      # %s: never seen, id %" PRIX32 "\n", message->message->name,
               message->message->can_id);
}

/* Of all messages that can be named, those that came, or those that did not: `max` at most. Returns
 * how many more there are. */
static size_t put_messages(const struct survey_bus *bus, bool seen, size_t max, struct buf *out)
{
    size_t count = 0;
    for (size_t i = 0; i < bus->file_count; i++) {
        for (size_t k = 0; k < dbc_message_count(bus->files[i].db); k++) {
            const struct survey_message *message = survey_at(bus->files[i].survey, k);
            if ((message->frames > 0) != seen || !survey_bus_has(bus, i, message->message) ||
                !is_nameable(bus, i, message->message) || ++count > max) {
                continue;
            }
            seen ? put_message(message, out) : put_silent(message, out);
        }
    }
    return count > max ? count - max : 0;
}

static void put_unknown(const struct survey_bus *bus, struct buf *out)
{
    for (size_t i = 0; i < id_table_count(bus->ids); i++) {
        const struct id_entry *id = id_table_at(bus->ids, i);
        if (survey_bus_find(bus, id) == NULL) {
            buf_printf(out, "    # no DBC file knows id %" PRIX32 ": %" PRIu64 " frames\n",
                       id->can_id, id->frames);
        }
    }
}

int survey_config_write(const struct survey_bus *bus, const char *directory, const char *source,
                        struct buf *out)
{
    put_head(bus, source, out);
    put_bus(bus, out);
    int r = put_files(bus, directory, out);
    if (r < 0) {
        return r;
    }
    buf_puts(out, "    defaults:\n"
                  "      max_interval: 10s # at least this often while frames arrive\n"
                  "    messages:\n");
    (void)put_messages(bus, true, SIZE_MAX, out);
    size_t more = put_messages(bus, false, SURVEY_SILENT_MAX, out);
    if (more > 0) {
        buf_printf(out, "      # and %zu more were never seen\n", more);
    }
    buf_puts(out, "    # Nothing can be sent until it is allowed here:\n"
                  "    # commands: { NameOfAMessage: }\n");
    put_unknown(bus, out);
    return buf_ok(out) ? 0 : -ENOMEM;
}
