#include "topics/payload_node.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define KEY_TRANSACTION "transaction"
#define KEY_STATUS      "status"
#define STATUS_ONLINE   "online"
#define STATUS_OFFLINE  "offline"

static const char *const bus_words[] = {
    [PAYLOAD_BUS_UP] = "up",
    [PAYLOAD_BUS_DOWN] = "down",
    [PAYLOAD_BUS_NO_TRAFFIC] = "no_traffic",
    [PAYLOAD_BUS_ERROR_WARNING] = "error_warning",
    [PAYLOAD_BUS_ERROR_PASSIVE] = "error_passive",
    [PAYLOAD_BUS_OFF] = "bus_off",
};
_Static_assert(sizeof(bus_words) / sizeof(bus_words[0]) == PAYLOAD_BUS_OFF + 1,
               "a word for every state of a bus");

const char *payload_status_text(bool online)
{
    return online ? STATUS_ONLINE : STATUS_OFFLINE;
}

bool payload_status_from_text(const char *text, size_t length, bool *ret_online)
{
    for (int online = 0; online <= 1; online++) {
        const char *word = payload_status_text(online != 0);
        if (strlen(word) == length && memcmp(word, text, length) == 0) {
            *ret_online = online != 0;
            return true;
        }
    }
    return false;
}

static void write_names(struct json_writer *w, const char *key, const struct payload_names *names)
{
    json_array_begin(w, key);
    for (size_t i = 0; i < names->count; i++) {
        json_string(w, NULL, names->names[i]);
    }
    json_array_end(w);
}

static void write_log(struct json_writer *w, const struct payload_log *log)
{
    char id[PAYLOAD_LOG_ID_DIGITS + 1];
    (void)snprintf(id, sizeof(id), "%016" PRIx64, log->id); /* it fits */
    json_object_begin(w, "log");
    json_string(w, "id", id);
    json_u64(w, "acknowledged", log->acknowledged);
    json_object_end(w);
}

void payload_info_write(struct json_writer *w, const struct payload_info *info)
{
    json_object_begin(w, NULL);
    json_string(w, "program", info->program);
    json_string(w, "version", info->version);
    json_time_us(w, "started", info->started_us);
    if (info->configuration != NULL) {
        json_string(w, "configuration", info->configuration);
    }
    if (info->log.id != 0) {
        write_log(w, &info->log);
    }
    write_names(w, "buses", &info->buses);
    write_names(w, "devices", &info->devices);
    write_names(w, "capabilities", &info->capabilities);
    json_object_end(w);
}

const char *payload_bus_word_text(enum payload_bus_word word)
{
    return bus_words[word];
}

const char *const *payload_bus_words(size_t *ret_count)
{
    *ret_count = sizeof(bus_words) / sizeof(bus_words[0]);
    return bus_words;
}

static void write_known(struct json_writer *w, const char *key, int64_t counter)
{
    if (counter >= 0) {
        json_i64(w, key, counter);
    }
}

void payload_bus_state_write(struct json_writer *w, const struct payload_bus_state *state)
{
    json_object_begin(w, NULL);
    json_string(w, "state", payload_bus_word_text(state->state));
    if (state->since_us > 0) {
        json_time_us(w, "since", state->since_us);
    }
    if (state->load_permille >= 0) {
        json_double(w, "load_percent", state->load_permille / 10.0);
    }
    write_known(w, "tx_errors", state->tx_errors);
    write_known(w, "rx_errors", state->rx_errors);
    write_known(w, "error_frames", state->error_frames);
    write_known(w, "bus_offs", state->bus_offs);
    write_known(w, "kernel_dropped", state->kernel_dropped);
    if (state->frames_per_s >= 0) {
        json_double(w, "frames_per_s", state->frames_per_s);
    }
    write_known(w, "unknown", state->unknown);
    if (state->unknown_id_count >= 0) {
        write_names(w, "unknown_ids", &state->unknown_ids);
        json_i64(w, "unknown_id_count", state->unknown_id_count);
    }
    if (state->silent_count >= 0) {
        write_names(w, "silent", &state->silent);
        json_i64(w, "silent_count", state->silent_count);
    }
    json_object_end(w);
}

static void response_begin(struct json_writer *w, const char *transaction, const char *status)
{
    json_object_begin(w, NULL);
    if (transaction != NULL) {
        json_string(w, KEY_TRANSACTION, transaction);
    }
    json_string(w, KEY_STATUS, status);
}

void payload_response_ok(struct json_writer *w, const char *transaction)
{
    response_begin(w, transaction, "ok");
    json_object_end(w);
}

void payload_response_error(struct json_writer *w, const char *transaction, const char *error)
{
    response_begin(w, transaction, "error");
    json_string(w, "error", error);
    json_object_end(w);
}

void payload_response_data_begin(struct json_writer *w, const char *transaction, uint64_t seq)
{
    response_begin(w, transaction, "ok");
    json_u64(w, "seq", seq);
    json_object_begin(w, "data");
}

void payload_response_data_end(struct json_writer *w, bool last)
{
    json_object_end(w);
    json_bool(w, "last", last);
    json_object_end(w);
}
