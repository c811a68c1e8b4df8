#include "automation-node/expression/expression_state.h"

#include "automation-node/expression/program.h"
#include "automation-node/state/digest.h"

static bool is_kept(const struct op *op)
{
    return op_has_slot(op) && op->code != OP_WINDOW && op->code != OP_WEEKDAYS;
}

void expression_archive(const struct expression *expression, struct expression_slot *slots,
                        struct archive *a)
{
    for (size_t i = 0; i < expression->op_count; i++) {
        const struct op *op = &expression->ops[i];
        if (!is_kept(op)) {
            continue;
        }
        struct expression_slot *slot = &slots[op->slot];
        size_t mark = archive_enter(a, "slot", op->slot);
        slot->was = (enum truth)archive_choice(a, "was", (int)slot->was, TRUTH_UNKNOWN + 1);
        if (op->code == OP_FOR) {
            archive_flag(a, "known", &slot->known);
            archive_flag(a, "began", &slot->seen);
            archive_time(a, "since", &slot->since_us);
        }
        archive_leave(a, mark);
    }
}

uint64_t expression_slots_digest(const struct expression *expression,
                                 const struct expression_slot *slots)
{
    uint64_t digest = 0;
    if (expression->slot_count == 0) {
        return digest;
    }
    for (size_t i = 0; i < expression->op_count; i++) {
        const struct op *op = &expression->ops[i];
        if (is_kept(op)) {
            const struct expression_slot *slot = &slots[op->slot];
            uint64_t flags = (uint64_t)slot->was * 4 + (slot->known ? 2 : 0) + (slot->seen ? 1 : 0);
            digest = (digest ^ flags ^ (uint64_t)slot->since_us) * UINT64_C(1099511628211);
        }
    }
    return digest;
}

static void digest_op(const struct op *op, const struct input *inputs, uint64_t *digest)
{
    digest_u64(digest, (uint64_t)op->code);
    digest_u64(digest, op->slot);
    digest_u64(digest, op->count);
    digest_double(digest, op->number);
    digest_double(digest, op->second);
    digest_i64(digest, op->span_us);
    if (op_traits(op->code)->reads_input) {
        digest_text(digest, inputs[op->input].id);
    }
}

static void digest_moment(const struct moment *moment, uint64_t *digest)
{
    digest_u64(digest, (uint64_t)moment->kind);
    digest_i64(digest, moment->second);
    digest_u64(digest, moment->weekdays);
}

void expression_digest(const struct expression *expression, const struct input *inputs,
                       uint64_t *digest)
{
    digest_u64(digest, expression != NULL ? expression->op_count + 1 : 0);
    if (expression == NULL) {
        return;
    }
    for (size_t i = 0; i < expression->op_count; i++) {
        digest_op(&expression->ops[i], inputs, digest);
    }
    for (size_t i = 0; i < expression->label_count; i++) {
        digest_u64(digest, (uint64_t)expression->labels[i].kind);
        digest_double(digest, expression->labels[i].number);
        digest_text(digest, expression->labels[i].text);
    }
    for (size_t i = 0; i < expression->window_count; i++) {
        digest_moment(&expression->windows[i].from, digest);
        digest_moment(&expression->windows[i].to, digest);
    }
}
