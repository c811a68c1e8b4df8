/* What the nodes of a group say to each other, and why one changes its state: see standby.h. */
#ifndef EDGE_AUTOMATION_STANDBY_STANDBY_CLAIM_H
#define EDGE_AUTOMATION_STANDBY_STANDBY_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

/* What a node says of itself. */
enum standby_role {
    STANDBY_SAYS_STANDBY,
    STANDBY_SAYS_CANDIDATE,
    STANDBY_SAYS_LEADER,
    STANDBY_SAYS_RELEASED
};

/* Why the state is what it is. */
enum standby_cause {
    STANDBY_STARTED,
    STANDBY_SILENCE,   /* no leader was heard for long enough */
    STANDBY_HANDED,    /* the leader gave it up */
    STANDBY_OTHERS,    /* somebody else claims it, or is alive */
    STANDBY_NO_ECHO,   /* the claim never came back */
    STANDBY_LOST_LINK, /* while it was candidate */
    STANDBY_LEASE,     /* over: no claim came back in time */
    STANDBY_FENCED,    /* a gateway knows a newer epoch */
    STANDBY_RELEASED,  /* asked for */
    STANDBY_CAUSE_COUNT
};

/* For a person; static. */
const char *standby_cause_text(enum standby_cause cause);

/* As on the wire. Borrowed texts. */
struct standby_claim {
    const char *node;
    enum standby_role role;
    unsigned rank;
    uint64_t epoch;
    uint64_t beat;
    const char *to; /* NULL: anybody */
    bool retain;    /* to be published: the broker keeps it */
};

#endif
