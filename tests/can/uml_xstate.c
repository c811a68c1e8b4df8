/*
 * Lets user-mode Linux 6.1 run on processors with AMX; preloaded into linux.uml, which calls
 * ptrace() of libc.
 *
 * It keeps at most 8192 bytes of a process's extended registers and restores as many, but the host
 * accepts the whole state only (11008 bytes with AMX) and answers EFAULT: "ptrace set fp regs
 * failed, errno = 14", and the first process dies. Here a short state is laid over the one the
 * process has. What is cut off are tile registers, which nothing uses without asking the kernel for
 * them. On other processors nothing is short and nothing changes.
 */
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

#define STATE_MAX 65536

typedef long (*ptrace_fn)(int request, pid_t pid, void *address, void *data);

static long set_whole_state(ptrace_fn real, pid_t pid, void *kind, struct iovec *given)
{
    static _Alignas(64) uint8_t bytes[STATE_MAX]; /* linux.uml has one thread that traces */
    struct iovec whole = {.iov_base = bytes, .iov_len = sizeof(bytes)};
    if (real(PTRACE_GETREGSET, pid, kind, &whole) == 0 && given->iov_len < whole.iov_len) {
        memcpy(bytes, given->iov_base, given->iov_len);
        return real(PTRACE_SETREGSET, pid, kind, &whole);
    }
    return real(PTRACE_SETREGSET, pid, kind, given);
}

long ptrace(enum __ptrace_request request, ...)
{
    va_list arguments;
    va_start(arguments, request);
    pid_t pid = va_arg(arguments, pid_t);
    void *address = va_arg(arguments, void *);
    void *data = va_arg(arguments, void *);
    va_end(arguments);

    ptrace_fn real = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "ptrace");
    if (request == PTRACE_SETREGSET && (uintptr_t)address == NT_X86_XSTATE) {
        return set_whole_state(real, pid, address, data);
    }
    return real((int)request, pid, address, data);
}
