#include "edge-gateway/app/survey_bus.h"

#include "edge-gateway/app/dbc_files.h"

#include <errno.h>
#include <stdlib.h>

static int open_file(struct survey_file *file, const char *path)
{
    file->path = path;
    file->db = dbc_files_load(&path, 1);
    return file->db != NULL ? survey_new(file->db, &file->survey) : -EINVAL;
}

int survey_bus_init(struct survey_bus *bus, const char *const *paths, size_t count)
{
    *bus = (struct survey_bus){.file_count = count};
    bus->files = calloc(count + 1, sizeof(struct survey_file));
    bus->ids = id_table_new();
    int r = bus->files != NULL && bus->ids != NULL ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = open_file(&bus->files[i], paths[i]);
    }
    if (r < 0) {
        survey_bus_deinit(bus);
    }
    return r;
}

void survey_bus_deinit(struct survey_bus *bus)
{
    for (size_t i = 0; bus->files != NULL && i < bus->file_count; i++) {
        survey_free(bus->files[i].survey);
        dbc_free(bus->files[i].db);
    }
    free(bus->files);
    id_table_free(bus->ids);
    *bus = (struct survey_bus){.files = NULL};
}

int survey_bus_add(struct survey_bus *bus, const struct frame *frame)
{
    if ((frame->flags & (FRAME_REMOTE | FRAME_ERROR)) != 0) {
        bus->without_data++;
        return 0;
    }
    if (bus->frames++ == 0) {
        bus->first_us = frame->ts_us;
    }
    bus->last_us = frame->ts_us;
    id_table_add(bus->ids, frame);
    int r = 0;
    for (size_t i = 0; r == 0 && i < bus->file_count; i++) {
        r = survey_add(bus->files[i].survey, frame);
    }
    return r;
}

double survey_bus_seconds(const struct survey_bus *bus)
{
    return bus->last_us > bus->first_us ? (double)(bus->last_us - bus->first_us) / 1e6 : 0.0;
}

static const struct survey_message *find_in(const struct survey_file *file,
                                            const struct id_entry *id)
{
    const struct dbc_message *message = dbc_find_by_id(file->db, id->can_id, id->extended);
    return message != NULL ? survey_at(file->survey, message->index) : NULL;
}

/* Files as they were given, where they fit equally well. */
static int compare(const void *a, const void *b)
{
    const struct survey_file *x = a;
    const struct survey_file *y = b;
    const struct survey_totals fit_x = survey_totals(x->survey);
    const struct survey_totals fit_y = survey_totals(y->survey);
    if (fit_x.plausible != fit_y.plausible) {
        return fit_x.plausible > fit_y.plausible ? -1 : 1;
    }
    return (fit_x.known < fit_y.known) - (fit_x.known > fit_y.known);
}

/* Insertion: stable, and there are few. */
static void sort_files(struct survey_bus *bus)
{
    for (size_t i = 1; i < bus->file_count; i++) {
        struct survey_file file = bus->files[i];
        size_t at = i;
        for (; at > 0 && compare(&bus->files[at - 1], &file) > 0; at--) {
            bus->files[at] = bus->files[at - 1];
        }
        bus->files[at] = file;
    }
}

/* A file that is the only one is meant; of several, one is used that knows ids which the better
 * ones do not, if at least half of their frames look like what it says. */
static void judge(struct survey_bus *bus, struct survey_file *file)
{
    double plausible = 0.0;
    for (size_t i = 0; i < id_table_count(bus->ids); i++) {
        const struct id_entry *id = id_table_at(bus->ids, i);
        const struct survey_message *message = find_in(file, id);
        if (message == NULL || survey_bus_find(bus, id) != NULL) {
            continue;
        }
        file->own_ids++;
        file->own_frames += id->frames;
        plausible += (double)id->frames * (double)message->plausible / (double)message->frames;
    }
    file->used =
        bus->file_count == 1 || (file->own_ids > 0 && 2.0 * plausible >= (double)file->own_frames);
}

void survey_bus_finish(struct survey_bus *bus)
{
    id_table_sort(bus->ids);
    sort_files(bus);
    for (size_t i = 0; i < bus->file_count; i++) {
        judge(bus, &bus->files[i]);
    }
}

const struct survey_message *survey_bus_find(const struct survey_bus *bus,
                                             const struct id_entry *id)
{
    const struct survey_message *found = NULL;
    for (size_t i = 0; found == NULL && i < bus->file_count; i++) {
        found = bus->files[i].used ? find_in(&bus->files[i], id) : NULL;
    }
    return found;
}

bool survey_bus_has(const struct survey_bus *bus, size_t file, const struct dbc_message *message)
{
    for (size_t i = 0; i < file; i++) {
        if (bus->files[i].used &&
            dbc_find_by_id(bus->files[i].db, message->can_id, message->extended) != NULL) {
            return false;
        }
    }
    return bus->files[file].used;
}

struct survey_coverage survey_bus_coverage(const struct survey_bus *bus)
{
    struct survey_coverage coverage = {.unknown_frames = id_table_overflow(bus->ids)};
    for (size_t i = 0; i < bus->file_count; i++) {
        for (size_t k = 0; k < dbc_message_count(bus->files[i].db); k++) {
            const struct survey_message *message = survey_at(bus->files[i].survey, k);
            if (survey_bus_has(bus, i, message->message)) {
                coverage.messages++;
                coverage.seen += message->frames > 0;
            }
        }
    }
    for (size_t i = 0; i < id_table_count(bus->ids); i++) {
        const struct id_entry *id = id_table_at(bus->ids, i);
        if (survey_bus_find(bus, id) == NULL) {
            coverage.unknown_ids++;
            coverage.unknown_frames += id->frames;
        }
    }
    return coverage;
}
