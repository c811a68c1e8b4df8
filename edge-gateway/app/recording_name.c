#include "edge-gateway/app/recording_name.h"

#include "common/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void append_word(char *name, size_t size, const char *word)
{
    size_t length = strlen(name);
    (void)snprintf(name + length, size - length, "-%s", word);
    for (char *c = name + length; *c != '\0'; c++) {
        bool fits = (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') ||
                    (*c >= 'a' && *c <= 'z') || *c == '_' || *c == '-';
        *c = fits ? *c : '_';
    }
}

void recording_name(int64_t realtime_us, const char *bus, const char *trigger,
                    char name[RECORDING_NAME_MAX_BYTES + 1])
{
    size_t room = RECORDING_NAME_MAX_BYTES + 1 - strlen(RECORDING_SUFFIX);
    time_t seconds = (time_t)(realtime_us / US_PER_S);
    struct tm tm;
    char stamp[32] = "";
    if (gmtime_r(&seconds, &tm) != NULL) {
        (void)strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%S", &tm);
    }
    (void)snprintf(name, room, RECORDING_PREFIX "%s.%03dZ", stamp,
                   (int)(realtime_us % US_PER_S / US_PER_MS));
    append_word(name, room, bus);
    append_word(name, room, trigger);
    (void)snprintf(name + strlen(name), strlen(RECORDING_SUFFIX) + 1, "%s", RECORDING_SUFFIX);
}
