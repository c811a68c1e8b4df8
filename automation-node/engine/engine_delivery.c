#include "automation-node/engine/engine_delivery.h"

#include "automation-node/engine/device_delivery.h"
#include "automation-node/engine/engine_book.h"

#include <assert.h>

bool engine_take_command(struct engine *engine, size_t *ret_device, struct device_command *ret)
{
    for (size_t i = 0; i < engine->ready_count; i++) {
        size_t index = engine->ready[(engine->ready_head + i) % engine->unit_count];
        if (device_take_command(engine->units[index].device, ret)) {
            *ret_device = index;
            return true;
        }
    }
    return false;
}

void engine_note_undelivered(struct engine *engine, size_t device)
{
    assert(device < engine->unit_count);
    device_note_undelivered(engine->units[device].device);
    engine_note_record(engine, engine_item(engine, AGENDA_UNIT, device), RECORD_DUE_NOW);
}

void engine_tell_again(struct engine *engine, int64_t now_us)
{
    engine->now_us = now_us;
    for (size_t i = 0; i < engine->unit_count; i++) {
        if (device_tell_again(engine->units[i].device, now_us)) {
            engine_mark_unsettled(engine, i);
        }
    }
    engine_settle(engine);
}
