/* Compiler attributes under names of our own. */
#ifndef EDGE_COMMON_ATTRIBUTES_H
#define EDGE_COMMON_ATTRIBUTES_H

#define EDGE_MUST_CHECK __attribute__((warn_unused_result))
#define EDGE_PRINTF(format_index, args_index) \
    __attribute__((format(printf, format_index, args_index)))

/* For the rare part of a hot function, which then needs no room on the stack for it. */
#define EDGE_NOINLINE __attribute__((noinline))

#endif
