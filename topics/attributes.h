/* Compiler attributes under names of our own; `topics/` shares nothing with `common/`. */
#ifndef EDGE_TOPICS_ATTRIBUTES_H
#define EDGE_TOPICS_ATTRIBUTES_H

#define TOPICS_MUST_CHECK __attribute__((warn_unused_result))
#define TOPICS_PRINTF(format_index, args_index) \
    __attribute__((format(printf, format_index, args_index)))

#endif
