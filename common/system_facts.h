/* What a maintainer asks of the machine and of this process: kernel, memory, limits, clock. Read
 * from /proc, which neither waits nor needs a right that the units take away. */
#ifndef EDGE_COMMON_SYSTEM_FACTS_H
#define EDGE_COMMON_SYSTEM_FACTS_H

/* `group` is "system" or "process"; texts as Linux writes them ("3906 MB"). What cannot be read is
 * not told. */
typedef void (*system_fact_fn)(void *context, const char *group, const char *name,
                               const char *text);

void system_facts_tell(system_fact_fn tell, void *context);

#endif
