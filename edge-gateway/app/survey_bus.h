/*
 * One bus as `discover` looks at it: its traffic seen through each DBC file alone, and afterwards
 * which of the files fit, the best first.
 */
#ifndef EDGE_GATEWAY_APP_SURVEY_BUS_H
#define EDGE_GATEWAY_APP_SURVEY_BUS_H

#include "common/attributes.h"
#include "edge-gateway/can/log_line.h"
#include "edge-gateway/survey/id_table.h"
#include "edge-gateway/survey/survey.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct survey_file {
    const char *path; /* borrowed */
    struct dbc_database *db;
    struct survey *survey;
    bool used;           /* adds something to the better ones that looks like what it says */
    size_t own_ids;      /* that no better file knows */
    uint64_t own_frames; /* of these ids */
};

struct survey_bus {
    char name[LOG_BUS_MAX_BYTES + 1]; /* "": not known yet */
    struct survey_file *files;        /* after survey_bus_finish(): the best first */
    size_t file_count;
    struct id_table *ids;
    uint64_t frames; /* data frames */
    uint64_t without_data;
    uint64_t elsewhere; /* frames of other buses */
    int64_t first_us;
    int64_t last_us;
};

/* Reads the files; their mistakes go to stderr. 0, -EINVAL (one cannot be used at all) or -ENOMEM.
 */
EDGE_MUST_CHECK int survey_bus_init(struct survey_bus *bus, const char *const *paths, size_t count);
void survey_bus_deinit(struct survey_bus *bus);

/* 0 or -ENOMEM. */
EDGE_MUST_CHECK int survey_bus_add(struct survey_bus *bus, const struct frame *frame);

/* Everything has been seen: sorts and judges the files. */
void survey_bus_finish(struct survey_bus *bus);

double survey_bus_seconds(const struct survey_bus *bus);

/* What a gateway with the files that are used makes of an id: NULL if it is unknown. */
const struct survey_message *survey_bus_find(const struct survey_bus *bus,
                                             const struct id_entry *id);

/* Whether a gateway with the files that are used knows this message: no better one has its id. */
bool survey_bus_has(const struct survey_bus *bus, size_t file, const struct dbc_message *message);

struct survey_coverage {
    size_t messages; /* of the files that are used */
    size_t seen;
    size_t unknown_ids;
    uint64_t unknown_frames;
};

struct survey_coverage survey_bus_coverage(const struct survey_bus *bus);

#endif
