/* Payloads of alarms, for payload_examples.c. */
#ifndef EDGE_TESTS_UNIT_ALARM_EXAMPLES_H
#define EDGE_TESTS_UNIT_ALARM_EXAMPLES_H

#include "topics/payload_alarm.h"

#include <stddef.h>

/* The state or event number `word`; the text, or "" if it did not fit. */
const char *alarm_example(int word, char *text, size_t size);
const char *alarm_event_example(int word, char *text, size_t size);

/* Answers to `alarms` and `alarm_history`. */
void alarm_examples_answer(struct json_writer *w);
void alarm_examples_history(struct json_writer *w);

#endif
