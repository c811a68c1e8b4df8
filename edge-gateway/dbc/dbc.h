/*
 * The DBC model: messages and signals of one bus, read from one or several files. A database grows
 * by dbc_load_text() and is const for everybody else; pointers into it stay valid until dbc_free().
 * All texts are UTF-8 and never NULL. Pure; one database may be read by several threads.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_H
#define EDGE_GATEWAY_DBC_DBC_H

#include "common/attributes.h"
#include "common/diagnostics.h"
#include "edge-gateway/dbc/dbc_field.h"
#include "edge-gateway/dbc/dbc_variable.h"
#include "edge-gateway/dbc/decimal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DBC_TEXT_MAX_BYTES    ((size_t)64 << 20) /* largest file taken */
#define DBC_SIGNALS_MAX       4096               /* of one message; some checks compare all pairs */
#define DBC_PAYLOAD_MAX_BYTES 2048 /* J1939 transport needs 1785; longer payloads are cut here */

enum dbc_value_type {
    DBC_UNSIGNED,
    DBC_SIGNED,
    DBC_FLOAT, /* SIG_VALTYPE_: IEEE 754 of 16, 32 or 64 bits */
    DBC_WIDE   /* more than 64 bits: read as one large unsigned number, never scaled */
};

/* One row of VAL_. */
struct dbc_label {
    int64_t raw; /* as dbc_value.raw; the bits of an unsigned value above INT64_MAX */
    const char *text;
    bool not_available; /* the text says that there is no valid value ("SNA", "Invalid", ...) */
};

/* Selector values that switch a multiplexed signal on, both ends included. */
struct dbc_range {
    uint64_t first;
    uint64_t last;
};

struct dbc_signal {
    struct dbc_field field; /* prepared for decoding and encoding */
    struct dbc_scale scale; /* prepared: raw to physical */
    const char *name;       /* the long name where the file gives one */
    const char *unit;
    const char *comment;
    uint16_t index;       /* in message->signals */
    uint16_t start_bit;   /* as in the file */
    uint16_t length_bits; /* 1 to 64; more for DBC_WIDE */
    enum dbc_value_type type;
    bool big_endian;   /* Motorola: start_bit is the most significant bit */
    bool multiplexor;  /* selects other signals */
    bool multiplexed;  /* present only when its selector says so */
    bool has_range;    /* minimum < maximum */
    bool has_start;    /* GenSigStartValue is given */
    uint16_t selector; /* of a multiplexed signal: index of the signal that selects it */
    uint16_t range_count;
    uint32_t label_count;
    const struct dbc_range *ranges; /* of a multiplexed signal */
    const struct dbc_label *labels; /* sorted by raw, each raw once */
    struct decimal factor;
    struct decimal offset;
    struct decimal minimum;
    struct decimal maximum;
    struct decimal start; /* GenSigStartValue, a raw value */
};

/* SIG_GROUP_: signals of one message that belong together. */
struct dbc_group {
    struct dbc_group *next; /* in the order of the file; NULL at the end */
    const char *name;
    const uint16_t *signals; /* indices in message->signals */
    uint16_t signal_count;
};

struct dbc_message {
    const char *name; /* the long name where the file gives one */
    const char *comment;
    const char *sender;
    const char *const *transmitters; /* BO_TX_BU_: all that may send it, where the file says so */
    struct dbc_group *groups;        /* NULL if none */
    const char *file;                /* as named in dbc_load_text() */
    unsigned line;                   /* of its BO_ */
    uint32_t can_id;                 /* without flag bits */
    bool extended;                   /* 29-bit identifier */
    bool fd;    /* VFrameFormat says CAN FD, or longer than 8 bytes and not J1939 */
    bool j1939; /* a parameter group: matches by PGN, whatever priority and source address */
    uint16_t size_bytes;
    uint16_t transmitter_count;
    uint16_t selector_count;
    uint16_t signal_count;
    uint32_t cycle_time_ms;     /* GenMsgCycleTime; 0 = not given */
    uint32_t index;             /* position in the database */
    struct dbc_signal *signals; /* in the order of the file */
    const uint16_t *selectors;  /* the multiplexors, each after the one that selects it */
};

struct dbc_database;

/* NULL when out of memory. */
struct dbc_database *dbc_new(void);
void dbc_free(struct dbc_database *db);

/*
 * Reads one file's text and adds its messages. What real files get wrong is read as meant, with a
 * warning. A message whose id is already there is dropped with a warning: the first file wins.
 * 0; -EINVAL when it is no DBC at all, -EFBIG above DBC_TEXT_MAX_BYTES (both with an error in `d`),
 * -ENOMEM. On failure the database is unchanged but for memory.
 */
EDGE_MUST_CHECK int dbc_load_text(struct dbc_database *db, const char *file_name, const char *text,
                                  size_t length, struct diagnostics *d);

/*
 * From now on, in what has been loaded, a label with these words says that there is no valid value,
 * beside the common ones (dbc_labels.h). Returns how many rows have it.
 */
size_t dbc_mark_not_available(struct dbc_database *db, const char *label);

/* The message of a data frame: its exact id, else an extended frame's J1939 group. O(1). NULL if
 * unknown. */
const struct dbc_message *dbc_find_by_id(const struct dbc_database *db, uint32_t can_id,
                                         bool extended);

/* The first message or signal of that name, NULL if unknown; a message in O(log n). */
const struct dbc_message *dbc_find_by_name(const struct dbc_database *db, const char *name);
const struct dbc_signal *dbc_find_signal(const struct dbc_message *message, const char *name);

/* In the order of loading: index 0 to dbc_message_count() - 1. */
size_t dbc_message_count(const struct dbc_database *db);
const struct dbc_message *dbc_message_at(const struct dbc_database *db, size_t index);

/* The first environment variable; NULL if there is none. */
const struct dbc_variable *dbc_variables(const struct dbc_database *db);

#endif
