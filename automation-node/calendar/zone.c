#include "automation-node/calendar/zone.h"

#include "automation-node/calendar/civil.h"
#include "automation-node/calendar/zone_rule.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What an offset may be at most, RFC 9636 3.2 (utoff). */
#define OFFSET_LEAST_S (-89999)
#define OFFSET_MOST_S  93599

struct transition {
    int64_t at_s;
    int64_t offset_s; /* from then on */
};

struct zone {
    struct zone_rule rule;  /* after the last transition */
    int64_t first_offset_s; /* before the first transition */
    struct transition *transitions;
    size_t count;
};

int zone_new_posix(const char *text, struct zone **ret)
{
    struct zone_rule rule;
    int r = zone_rule_parse(text, strlen(text), &rule);
    if (r < 0) {
        return r;
    }
    struct zone *zone = calloc(1, sizeof(*zone));
    if (zone == NULL) {
        return -ENOMEM;
    }
    zone->rule = rule;
    *ret = zone;
    return 0;
}

void zone_free(struct zone *zone)
{
    if (zone != NULL) {
        free(zone->transitions);
        free(zone);
    }
}

/* ---- TZif (RFC 9636, 3): a version 1 block, which is skipped, then header, data and footer again
 * with 64-bit times ---- */

#define HEADER_BYTES    44
#define TYPE_BYTES      6 /* offset (4), daylight saving (1), index of the name (1) */
#define TRANSITIONS_MAX 4096

struct reader {
    const unsigned char *at;
    size_t left;
};

struct tzif_header {
    size_t utc_count;
    size_t standard_count;
    size_t leap_count;
    size_t transition_count;
    size_t type_count;
    size_t name_bytes;
};

static const unsigned char *take(struct reader *r, size_t length)
{
    if (length > r->left) {
        return NULL;
    }
    const unsigned char *taken = r->at;
    r->at += length;
    r->left -= length;
    return taken;
}

static uint32_t big_endian_32(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static int64_t big_endian_64(const unsigned char *bytes)
{
    return (int64_t)((uint64_t)big_endian_32(bytes) << 32 | big_endian_32(bytes + 4));
}

static bool read_header(struct reader *r, struct tzif_header *ret)
{
    const unsigned char *bytes = take(r, HEADER_BYTES);
    if (bytes == NULL || memcmp(bytes, "TZif", 4) != 0 || bytes[4] < '2') {
        return false;
    }
    const unsigned char *counts = bytes + 20;
    *ret = (struct tzif_header){.utc_count = big_endian_32(counts),
                                .standard_count = big_endian_32(counts + 4),
                                .leap_count = big_endian_32(counts + 8),
                                .transition_count = big_endian_32(counts + 12),
                                .type_count = big_endian_32(counts + 16),
                                .name_bytes = big_endian_32(counts + 20)};
    return ret->transition_count <= TRANSITIONS_MAX && ret->type_count > 0 &&
           ret->type_count <= 256 && ret->name_bytes <= 4096 && ret->leap_count <= 4096;
}

/* Bytes of everything in a data block but its transitions and types. */
static size_t rest_bytes(const struct tzif_header *header, size_t time_bytes)
{
    return header->name_bytes + header->leap_count * (time_bytes + 4) + header->standard_count +
           header->utc_count;
}

static bool skip_first_block(struct reader *r)
{
    struct tzif_header header;
    return read_header(r, &header) &&
           take(r, header.transition_count * 5 + header.type_count * TYPE_BYTES +
                       rest_bytes(&header, 4)) != NULL;
}

/* The offset of a type. */
static bool read_offset(const unsigned char *type, int64_t *ret)
{
    *ret = (int32_t)big_endian_32(type);
    return *ret >= OFFSET_LEAST_S && *ret <= OFFSET_MOST_S;
}

static int read_transitions(struct zone *zone, struct reader *r, const struct tzif_header *header)
{
    const unsigned char *times = take(r, header->transition_count * 8);
    const unsigned char *indices = take(r, header->transition_count);
    const unsigned char *types = take(r, header->type_count * TYPE_BYTES);
    if (times == NULL || indices == NULL || types == NULL) {
        return -EINVAL;
    }
    zone->transitions = calloc(header->transition_count + 1, sizeof(*zone->transitions));
    if (zone->transitions == NULL) {
        return -ENOMEM;
    }
    if (!read_offset(types, &zone->first_offset_s)) {
        return -EINVAL;
    }
    for (size_t i = 0; i < header->transition_count; i++) {
        zone->transitions[i].at_s = big_endian_64(times + 8 * i);
        if (indices[i] >= header->type_count ||
            !read_offset(types + (size_t)indices[i] * TYPE_BYTES, &zone->transitions[i].offset_s)) {
            return -EINVAL;
        }
        if (i > 0 && zone->transitions[i].at_s <= zone->transitions[i - 1].at_s) {
            return -EINVAL;
        }
    }
    zone->count = header->transition_count;
    return 0;
}

/* A newline, the rule, a newline. No rule: the last offset holds for ever. */
static int read_footer(struct zone *zone, struct reader *r)
{
    if (r->left < 2 || r->at[0] != '\n') {
        return -EINVAL;
    }
    const char *text = (const char *)r->at + 1;
    const char *end = memchr(text, '\n', r->left - 1);
    if (end == NULL) {
        return -EINVAL;
    }
    if (end == text) {
        zone->rule.standard_s =
            zone->count > 0 ? zone->transitions[zone->count - 1].offset_s : zone->first_offset_s;
        return 0;
    }
    return zone_rule_parse(text, (size_t)(end - text), &zone->rule);
}

static int read_tzif(struct zone *zone, struct reader *r)
{
    struct tzif_header header;
    if (!skip_first_block(r) || !read_header(r, &header)) {
        return -EINVAL;
    }
    int result = read_transitions(zone, r, &header);
    if (result < 0) {
        return result;
    }
    return take(r, rest_bytes(&header, 8)) != NULL ? read_footer(zone, r) : -EINVAL;
}

int zone_new_tzif(const void *data, size_t length, struct zone **ret)
{
    struct zone *zone = calloc(1, sizeof(*zone));
    if (zone == NULL) {
        return -ENOMEM;
    }
    struct reader reader = {data, length};
    int r = read_tzif(zone, &reader);
    if (r < 0) {
        zone_free(zone);
        return r;
    }
    *ret = zone;
    return 0;
}

/* ---- instants and local time ---- */

int64_t zone_offset_s(const struct zone *zone, int64_t utc_s)
{
    size_t count = zone->count;
    if (count == 0 || utc_s >= zone->transitions[count - 1].at_s) {
        return zone_rule_offset_s(&zone->rule, utc_s);
    }
    if (utc_s < zone->transitions[0].at_s) {
        return zone->first_offset_s;
    }
    size_t low = 0; /* the last transition at or before `utc_s` is in [low, high) */
    size_t high = count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (zone->transitions[middle].at_s <= utc_s) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return zone->transitions[low].offset_s;
}

struct zone_local zone_local(const struct zone *zone, int64_t utc_s)
{
    int64_t local_s = utc_s + zone_offset_s(zone, utc_s);
    int64_t second = local_s % DAY_S;
    second += second < 0 ? DAY_S : 0;
    return (struct zone_local){(local_s - second) / DAY_S, second};
}

/* The instant at which the offset leaves `offset_s`, after `low` and not after `high`. */
static int64_t find_jump(const struct zone *zone, int64_t low, int64_t high, int64_t offset_s)
{
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (zone_offset_s(zone, middle) == offset_s) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return high;
}

int64_t zone_instant(const struct zone *zone, int64_t day, int64_t second)
{
    int64_t local_s = day * DAY_S + second;
    /* No zone is further than a day from Greenwich, and none changes twice within two days. */
    int64_t before_s = zone_offset_s(zone, local_s - DAY_S);
    int64_t after_s = zone_offset_s(zone, local_s + DAY_S);
    if (zone_offset_s(zone, local_s - before_s) == before_s) {
        return local_s - before_s;
    }
    if (zone_offset_s(zone, local_s - after_s) == after_s) {
        return local_s - after_s;
    }
    return find_jump(zone, local_s - after_s, local_s - before_s, before_s);
}
