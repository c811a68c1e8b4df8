/*
 * Names as people read them, made of names as programs and DBC files write them:
 * "AirTemperature" and "air_temperature" are "Air temperature", "ENGINE_SPEED" is "Engine speed";
 * "CO2" and "MotorRPM" keep their capitals: "CO2", "Motor RPM".
 */
#ifndef EDGE_TOPICS_DISCOVERY_NAME_H
#define EDGE_TOPICS_DISCOVERY_NAME_H

#include "topics/attributes.h"

#include <stdbool.h>
#include <stddef.h>

#define DISCOVERY_NAME_SIZE 128 /* bytes with the NUL */

/* What does not fit is left out word by word, so `name` is never cut inside a word that fits alone;
 * an identifier without any letter or digit stays as it is. */
void discovery_name(const char *identifier, char *name, size_t size);

/* A comment that reads like a name ("Coolant temperature") rather than like a sentence. */
bool discovery_comment_is_name(const char *comment);

/* `name` without the leading words of `device`, which Home Assistant puts before it anyway: "Tank
 * level" of the tank is its "Level". The result points into `name`, whose letters it may change,
 * and is the whole of it if nothing would be left. */
const char *discovery_name_within(char *name, const char *device);

#endif
