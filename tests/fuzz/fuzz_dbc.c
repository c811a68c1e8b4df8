/*
 * Any bytes as a DBC file: must load or be refused with an error, and what loads must keep what
 * dbc.h says about it.
 */
#include "edge-gateway/dbc/dbc.h"
#include "edge-gateway/dbc/text_encoding.h"
#include "tests/fuzz/fuzz.h"
#include "topics/utf8.h"

#include <errno.h>

#define NOTE_MAX_BYTES 4096

static void check_text(const char *text)
{
    require(text != NULL);
    require(text_is_utf8(text, strlen(text)));
}

static unsigned count_lines(const uint8_t *data, size_t size)
{
    unsigned lines = 1;
    for (size_t i = 0; i < size; i++) {
        lines += data[i] == '\n' || data[i] == '\r' ? 1 : 0;
    }
    return lines;
}

static void check_diagnostics(const struct diagnostics *d, unsigned lines)
{
    char text[NOTE_MAX_BYTES];
    for (size_t i = 0; i < diagnostics_kept(d); i++) {
        const struct diagnostic *note = diagnostics_at(d, i);
        require(utf8_is_printable(note->message, strlen(note->message)));
        require(note->line <= lines);
        require(note->line > 0 || note->column == 0);
        require(diagnostic_format(note, text, sizeof(text)) > 0);
    }
}

/* Loads, checks the result against the diagnostics; true when it was a DBC. */
static bool load(struct dbc_database *db, const uint8_t *data, size_t size)
{
    struct diagnostics *d = diagnostics_new(0);
    require(d != NULL);
    int r = dbc_load_text(db, "fuzz.dbc", (const char *)data, size, d);
    require(r == 0 || r == -EINVAL);
    require((r == 0) == (diagnostics_count(d, SEVERITY_ERROR) == 0));
    check_diagnostics(d, count_lines(data, size));
    diagnostics_free(d);
    return r == 0;
}

static void check_labels(const struct dbc_signal *signal)
{
    for (uint32_t i = 0; i < signal->label_count; i++) {
        check_text(signal->labels[i].text);
        require(i == 0 || signal->labels[i - 1].raw < signal->labels[i].raw);
    }
}

static void check_signal(const struct dbc_message *message, const struct dbc_signal *signal)
{
    check_text(signal->name);
    check_text(signal->unit);
    check_text(signal->comment);
    check_labels(signal);
    require(signal->name[0] != '\0');
    require(&message->signals[signal->index] == signal);
    require(dbc_find_signal(message, signal->name) != NULL);
    require(signal->length_bits >= 1);
    require((signal->length_bits > 64) == (signal->type == DBC_WIDE));
    require(signal->field.end_byte > signal->field.first_byte);
    require(signal->field.end_byte <= DBC_PAYLOAD_MAX_BYTES);
    require(signal->field.spill_bits < 8);
    if (signal->multiplexed) {
        require(signal->selector < message->signal_count);
        require(message->signals[signal->selector].multiplexor);
        require(signal->field.selector_slot < message->selector_count);
        require(signal->range_count > 0);
    }
}

static void check_message(const struct dbc_database *db, const struct dbc_message *message)
{
    check_text(message->name);
    check_text(message->comment);
    check_text(message->sender);
    require(message->name[0] != '\0');
    require(message->size_bytes <= DBC_PAYLOAD_MAX_BYTES);
    require(message->selector_count <= DBC_SELECTORS_MAX);
    require(dbc_find_by_id(db, message->can_id, message->extended) == message);
    require(dbc_find_by_name(db, message->name) != NULL);
    for (uint16_t i = 0; i < message->signal_count; i++) {
        check_signal(message, &message->signals[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dbc_database *db = dbc_new();
    require(db != NULL);
    bool loaded = load(db, data, size);
    size_t count = dbc_message_count(db);
    require(loaded || count == 0);
    for (size_t i = 0; i < count; i++) {
        require(dbc_message_at(db, i)->index == i);
        check_message(db, dbc_message_at(db, i));
    }
    /* A second time every id is taken. */
    require(load(db, data, size) == loaded);
    require(dbc_message_count(db) == count);
    dbc_free(db);
    return 0;
}
