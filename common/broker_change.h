/*
 * What another `broker` section means for a connection that is up. Pure.
 *
 * The prefix, the client id, the ledger and the size of the window are built into what already
 * runs; they and what is new in the section need a restart.
 */
#ifndef EDGE_COMMON_BROKER_CHANGE_H
#define EDGE_COMMON_BROKER_CHANGE_H

#include "common/broker_config.h"

enum broker_change {
    BROKER_SAME,
    BROKER_TUNE, /* limits and waits, which hold from now on */
    BROKER_MOVE  /* the session was made with something that differs: another one is made */
};

/* The keys of the section that may change while a program runs; ends with NULL. For a struct
 * config_fixed. */
extern const char *const broker_in_flight[];

/* Between two sections that differ in no other key. */
enum broker_change broker_change_between(const struct broker_config *old,
                                         const struct broker_config *config);

#endif
