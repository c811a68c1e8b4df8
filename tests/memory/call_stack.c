#include "tests/memory/call_stack.h"

#include <unwind.h>

#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME  UINT64_C(0x100000001b3)

struct walk {
    uintptr_t outermost; /* stacks grow downwards, and those of threads lie below the first one's */
    uint64_t id;
    int frames;
};

static _Unwind_Reason_Code add_frame(struct _Unwind_Context *frame, void *context)
{
    struct walk *walk = context;
    if (_Unwind_GetCFA(frame) > walk->outermost) {
        return _URC_END_OF_STACK;
    }
    walk->id = (walk->id ^ (uint64_t)_Unwind_GetIP(frame)) * FNV_PRIME;
    walk->frames++;
    return walk->frames < CALL_STACK_FRAMES_MAX ? _URC_NO_REASON : _URC_END_OF_STACK;
}

uint64_t call_stack_id(const void *outermost)
{
    struct walk walk = {.outermost = (uintptr_t)outermost, .id = FNV_OFFSET};
    (void)_Unwind_Backtrace(add_frame, &walk); /* backtrace() would load a library for it */
    return walk.id != 0 ? walk.id : 1;
}
