#include "edge-gateway/app/survey_report.h"

#include <inttypes.h>
#include <stdio.h>

#define CYCLE_TOLERANCE 0.25

bool survey_cycle_differs(const struct survey_message *message)
{
    double seen_ms = survey_cycle_s(message) * 1000.0;
    double said_ms = (double)message->message->cycle_time_ms;
    return seen_ms > 0.0 && said_ms > 0.0 &&
           (seen_ms > said_ms * (1.0 + CYCLE_TOLERANCE) ||
            seen_ms < said_ms * (1.0 - CYCLE_TOLERANCE));
}

static double percent(uint64_t part, uint64_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0.0;
}

const char *survey_cycle_text(double seconds, char text[SURVEY_CYCLE_TEXT_SIZE])
{
    if (seconds <= 0.0) {
        return "-";
    }
    if (seconds < 10.0) {
        (void)snprintf(text, SURVEY_CYCLE_TEXT_SIZE, "%.4g ms", seconds * 1000.0);
    } else {
        (void)snprintf(text, SURVEY_CYCLE_TEXT_SIZE, "%.4g s", seconds);
    }
    return text;
}

static void write_rate(struct buf *out, uint64_t frames, double seconds)
{
    if (seconds > 0.0) {
        buf_printf(out, "%.4g/s", (double)frames / seconds);
    } else {
        buf_puts(out, "-");
    }
}

static void write_head(const struct survey_bus *bus, struct buf *out)
{
    const struct survey_coverage coverage = survey_bus_coverage(bus);
    double seconds = survey_bus_seconds(bus);
    size_t ids = id_table_count(bus->ids);
    buf_printf(out, "%s: %" PRIu64 " frames of %zu ids in %.1f s (",
               bus->name[0] != '\0' ? bus->name : "no bus", bus->frames, ids, seconds);
    write_rate(out, bus->frames, seconds);
    buf_puts(out, ")\n");
    buf_printf(out, "decoded: %zu ids, %.1f %% of the frames\n", ids - coverage.unknown_ids,
               percent(bus->frames - coverage.unknown_frames, bus->frames));
    buf_printf(out, "unknown: %zu ids, %.1f %% of the frames\n", coverage.unknown_ids,
               percent(coverage.unknown_frames, bus->frames));
    buf_printf(out, "silent:  %zu of the %zu messages in the DBC files\n",
               coverage.messages - coverage.seen, coverage.messages);
    if (bus->elsewhere > 0) {
        buf_printf(out, "%" PRIu64 " frames are of other buses: look at them with --interface\n",
                   bus->elsewhere);
    }
    if (bus->without_data > 0) {
        buf_printf(out, "%" PRIu64 " remote and error frames carry no signals\n",
                   bus->without_data);
    }
}

static void write_file(const struct survey_file *file, struct buf *out)
{
    const struct survey_totals totals = survey_totals(file->survey);
    buf_printf(out, "  %s %s: ", file->used ? "+" : "-", file->path);
    if (totals.known == 0) {
        buf_puts(out, "knows nothing of this bus\n");
        return;
    }
    buf_printf(out,
               "%zu of its %zu messages, %.1f %% of the frames; %.1f %% of them look like it\n",
               totals.seen, totals.messages, percent(totals.known, totals.frames),
               percent(totals.plausible, totals.known));
    if (!file->used && file->own_ids == 0) {
        buf_puts(out, "      not needed: better ones know all that it knows of this bus\n");
    } else if (!file->used) {
        buf_printf(out, "      not used: the %zu ids that it alone knows do not look like it\n",
                   file->own_ids);
    }
}

static void write_files(const struct survey_bus *bus, struct buf *out)
{
    buf_puts(out, "\nDBC files, the one that fits best first (frames look like a file if they have "
                  "the size\nand the ranges that it says)\n");
    for (size_t i = 0; i < bus->file_count; i++) {
        write_file(&bus->files[i], out);
    }
}

static void write_message(const struct survey_message *seen, struct buf *out)
{
    const struct dbc_message *message = seen->message;
    char cycle[SURVEY_CYCLE_TEXT_SIZE];
    char said[SURVEY_CYCLE_TEXT_SIZE];
    buf_printf(out, "  %-32s %8" PRIX32 " %9" PRIu64 " ", message->name, message->can_id,
               seen->frames);
    buf_printf(out, "%10s %10s", survey_cycle_text(survey_cycle_s(seen), cycle),
               survey_cycle_text((double)message->cycle_time_ms / 1000.0, said));
    buf_puts(out, survey_cycle_differs(seen) ? " !" : "  ");
    if (seen->malformed > 0) {
        buf_printf(out, " %.1f %% too short", percent(seen->malformed, seen->frames));
    } else if (seen->plausible < seen->frames) {
        buf_printf(out, " %.1f %% of another size or out of range",
                   percent(seen->frames - seen->plausible, seen->frames));
    }
    buf_puts(out, "\n");
}

static void write_seen(const struct survey_bus *bus, struct buf *out)
{
    buf_printf(out, "\n  %-32s %8s %9s %10s %10s\n", "Decoded", "id", "frames", "cycle",
               "in the DBC");
    for (size_t i = 0; i < bus->file_count; i++) {
        for (size_t k = 0; k < dbc_message_count(bus->files[i].db); k++) {
            const struct survey_message *seen = survey_at(bus->files[i].survey, k);
            if (seen->frames > 0 && survey_bus_has(bus, i, seen->message)) {
                write_message(seen, out);
            }
        }
    }
}

static void write_unknown(const struct survey_bus *bus, struct buf *out)
{
    double seconds = survey_bus_seconds(bus);
    buf_printf(out, "\n  %-32s %8s %9s %10s\n", "Unknown", "id", "frames", "rate");
    for (size_t i = 0; i < id_table_count(bus->ids); i++) {
        const struct id_entry *id = id_table_at(bus->ids, i);
        if (survey_bus_find(bus, id) != NULL) {
            continue;
        }
        char bytes[32];
        (void)snprintf(bytes, sizeof(bytes), "%u to %u bytes", id->len_min, id->len_max);
        buf_printf(out, "  %-32s %8" PRIX32 " %9" PRIu64 " ", bytes, id->can_id, id->frames);
        write_rate(out, id->frames, seconds);
        buf_puts(out, "\n");
    }
}

/* A DBC of all that a maker builds knows hundreds of messages that one machine has not. */
static void write_silent(const struct survey_bus *bus, size_t count, struct buf *out)
{
    size_t left = SURVEY_SILENT_MAX;
    buf_puts(out, "\nSilent: in the DBC, never seen\n");
    for (size_t i = 0; i < bus->file_count; i++) {
        for (size_t k = 0; left > 0 && k < dbc_message_count(bus->files[i].db); k++) {
            const struct survey_message *seen = survey_at(bus->files[i].survey, k);
            if (seen->frames == 0 && survey_bus_has(bus, i, seen->message)) {
                left--;
                buf_printf(out, "  %-32s %8" PRIX32 "\n", seen->message->name,
                           seen->message->can_id);
            }
        }
    }
    if (count > SURVEY_SILENT_MAX) {
        buf_printf(out, "  and %zu more\n", count - SURVEY_SILENT_MAX);
    }
}

void survey_report_write(const struct survey_bus *bus, struct buf *out)
{
    const struct survey_coverage coverage = survey_bus_coverage(bus);
    write_head(bus, out);
    if (bus->file_count > 0) {
        write_files(bus, out);
    }
    if (coverage.seen > 0) {
        write_seen(bus, out);
    }
    if (coverage.unknown_ids > 0) {
        write_unknown(bus, out);
    }
    if (coverage.messages > coverage.seen) {
        write_silent(bus, coverage.messages - coverage.seen, out);
    }
}
