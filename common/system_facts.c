#include "common/system_facts.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define LINE_BYTES 256

static const struct {
    const char *group;
    const char *name;
    const char *path;
    const char *key; /* what the line begins with; "": the first line */
} facts[] = {
    {"system", "distribution", "/etc/os-release", "PRETTY_NAME="},
    {"system", "uptime_s", "/proc/uptime", ""},
    {"system", "load", "/proc/loadavg", ""},
    {"system", "memory_total", "/proc/meminfo", "MemTotal:"},
    {"system", "memory_available", "/proc/meminfo", "MemAvailable:"},
    {"system", "swap_free", "/proc/meminfo", "SwapFree:"},
    {"process", "memory_now", "/proc/self/status", "VmRSS:"},
    {"process", "memory_highest", "/proc/self/status", "VmHWM:"},
    {"process", "threads", "/proc/self/status", "Threads:"},
    {"process", "seccomp", "/proc/self/status", "Seccomp:"},
    {"process", "limit_files", "/proc/self/limits", "Max open files"},
    {"process", "limit_locked_memory", "/proc/self/limits", "Max locked memory"},
    {"process", "limit_address_space", "/proc/self/limits", "Max address space"},
    {"process", "limit_core", "/proc/self/limits", "Max core file size"},
};

/* One space for many, none at the ends. */
static void squeeze(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        bool is_gap = isspace((unsigned char)*from);
        if (!is_gap || (to != text && to[-1] != ' ')) {
            *to++ = is_gap ? ' ' : *from;
        }
    }
    while (to != text && to[-1] == ' ') {
        to--;
    }
    *to = '\0';
}

static void tell_line(const char *path, const char *key, system_fact_fn tell, void *context,
                      size_t fact)
{
    char line[LINE_BYTES];
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return;
    }
    while (fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, key, strlen(key)) == 0) {
            squeeze(line + strlen(key));
            tell(context, facts[fact].group, facts[fact].name,
                 line + strlen(key) + strspn(line + strlen(key), " "));
            break;
        }
    }
    (void)fclose(file);
}

void system_facts_tell(system_fact_fn tell, void *context)
{
    struct utsname name;
    char text[32];
    if (uname(&name) == 0) {
        tell(context, "system", "kernel", name.release);
        tell(context, "system", "processor", name.machine);
    }
    (void)snprintf(text, sizeof(text), "%ld", sysconf(_SC_NPROCESSORS_ONLN));
    tell(context, "system", "processors", text);
    /* systemd-timesyncd and chrony's wait unit leave it; asking the kernel is not ours to do. */
    tell(context, "system", "clock_synchronized",
         access("/run/systemd/timesync/synchronized", F_OK) == 0 ? "yes" : "not known");
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        tell_line(facts[i].path, facts[i].key, tell, context, i);
    }
}
