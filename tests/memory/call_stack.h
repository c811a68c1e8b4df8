/*
 * Who asks for memory: a number for the stack of calls. The same calls have the same number in
 * every process that was forked from one, for libraries lie at the same addresses there.
 */
#ifndef EDGE_TESTS_CALL_STACK_H
#define EDGE_TESTS_CALL_STACK_H

#include <stdint.h>

/* The innermost so many calls count: with more of them a start has six thousand stacks, with these
 * 1,200. */
#define CALL_STACK_FRAMES_MAX 12

/* Of the caller, up to the call whose frame is at `outermost`, or to where its thread begins; never
 * 0. Allocates nothing. */
uint64_t call_stack_id(const void *outermost);

#endif
