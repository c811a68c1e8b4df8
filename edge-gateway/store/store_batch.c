#include "edge-gateway/store/store_batch.h"

void store_outcome_lost(struct store_outcome *outcome, uint64_t first, uint64_t last,
                        enum segment_void reason)
{
    for (size_t i = 0; i < outcome->loss_count; i++) {
        struct store_loss *loss = &outcome->losses[i];
        if (loss->reason == reason) {
            loss->first = first < loss->first ? first : loss->first;
            loss->last = last > loss->last ? last : loss->last;
            loss->count += last - first + 1;
            return;
        }
    }
    _Static_assert(STORE_LOSSES_MAX >= SEGMENT_VOID_COUNT, "each reason has its place");
    outcome->losses[outcome->loss_count++] =
        (struct store_loss){first, last, last - first + 1, reason};
}

void store_batch_begin(struct store_batch *batch, uint64_t first_seq, bool clock_set)
{
    segment_builder_reset(batch->builder, first_seq);
    if (batch->memory != NULL) {
        store_memory_set_clock(batch->memory, batch->slot, clock_set);
    }
}

uint64_t store_batch_bytes(const struct store_batch *batch)
{
    const struct segment segment = segment_builder_view(batch->builder);
    return segment.records_bytes + segment.keys_bytes;
}

void store_batch_keep_counters(struct store_batch *batch, const struct store_counter *counters,
                               size_t count)
{
    for (size_t i = 0; i < count; i++) {
        batch->counters[i] = (struct store_saved_counter){counters[i].name, *counters[i].value};
    }
    batch->counter_count = count;
}
