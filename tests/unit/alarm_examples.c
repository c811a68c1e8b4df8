#include "tests/unit/alarm_examples.h"

#include "topics/payload_node.h"

#define TS_US INT64_C(1795423160495983)

static struct payload_alarm tank_alarm(enum payload_alarm_word state)
{
    const struct payload_value value = {.type = PAYLOAD_NUMBER, .number = 91.5};
    return (struct payload_alarm){state,
                                  TS_US,
                                  TS_US,
                                  1 + (int)state % 4,
                                  "Tank above limit",
                                  "It overflows",
                                  "Close the valve",
                                  value,
                                  true,
                                  90,
                                  "%",
                                  "Anna"};
}

static const char *finish(struct json_writer *w)
{
    size_t length;
    return json_writer_finish(w, &length) == 0 ? w->text : "";
}

const char *alarm_example(int word, char *text, size_t size)
{
    const struct payload_alarm alarm = tank_alarm((enum payload_alarm_word)word);
    struct json_writer w;
    json_writer_init(&w, text, size);
    payload_alarm_write(&w, &alarm);
    return finish(&w);
}

const char *alarm_event_example(int word, char *text, size_t size)
{
    const struct payload_alarm alarm = tank_alarm((enum payload_alarm_word)word);
    const struct payload_alarm_event event = {TS_US, (uint64_t)word, "tank_high",
                                              (enum payload_alarm_event_word)word, &alarm};
    struct json_writer w;
    json_writer_init(&w, text, size);
    payload_alarm_event_write(&w, &event);
    return finish(&w);
}

void alarm_examples_answer(struct json_writer *w)
{
    const struct payload_alarm alarm = tank_alarm(PAYLOAD_ALARM_LATCHED_ACK);
    payload_response_data_begin(w, "7", 0);
    payload_alarms_begin(w);
    payload_alarms_item(w, "tank_high", &alarm);
    payload_alarms_end(w);
    payload_response_data_end(w, true);
}

void alarm_examples_history(struct json_writer *w)
{
    const struct payload_alarm alarm = tank_alarm(PAYLOAD_ALARM_ACTIVE_UNACK);
    const struct payload_alarm_event event = {TS_US, 7, "tank_high", PAYLOAD_ALARM_RAISE, &alarm};
    payload_response_data_begin(w, "7", 0);
    payload_alarm_history_begin(w);
    payload_alarm_event_write(w, &event);
    payload_alarm_history_end(w, 1);
    payload_response_data_end(w, true);
}
