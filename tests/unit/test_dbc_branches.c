#include "edge-gateway/dbc/dbc_branches.h"

#include "tests/unit/dbc_text.h"

static const char multiplexed[] =
    "BO_ 1 M: 8 X\n SG_ Sel M : 0|8@1+ (1,0) [0|0] \"\" X\n SG_ a m1 : 8|8@1+ (1,0) [0|0] \"\" X\n"
    " SG_ b m1 : 16|8@1+ (1,0) [0|0] \"\" X\n SG_ c m2 : 8|8@1+ (1,0) [0|0] \"\" X\n"
    " SG_ d m0 : 24|8@1+ (1,0) [0|0] \"\" X\n SG_ Sub m9M : 8|8@1+ (1,0) [0|0] \"\" X\n"
    " SG_ e m0 : 16|8@1+ (1,0) [0|0] \"\" X\n SG_ f : 32|8@1+ (1,0) [0|0] \"\" X\n"
    "SG_MUL_VAL_ 1 d Sel 2-3, 5-7, 4-4, 10-18446744073709551615;\nSG_MUL_VAL_ 1 e Sub 0-3;\n";

/* "1-1:ab 2-2:cd ...", each branch with its values and its signals. */
static void describe(const struct dbc_message *message, const struct dbc_branches *branches,
                     char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < branches->count; i++) {
        const struct dbc_branch *branch = &branches->list[i];
        for (size_t r = 0; r < branch->range_count; r++) {
            used += (size_t)snprintf(text + used, size - used, "%llu-%llu%s",
                                     (unsigned long long)branch->ranges[r].first,
                                     (unsigned long long)branch->ranges[r].last,
                                     r + 1 < branch->range_count ? "," : ":");
        }
        for (uint16_t s = 0; s < message->signal_count; s++) {
            if (dbc_branch_selects(branch, &message->signals[s])) {
                used += (size_t)snprintf(text + used, size - used, "%s", message->signals[s].name);
            }
        }
        used += (size_t)snprintf(text + used, size - used, " ");
    }
}

static void values_that_select_the_same_are_one_branch(void **state)
{
    (void)state;
    struct dbc_text t;
    struct dbc_branches branches;
    char text[256];
    dbc_text_init(&t, multiplexed);
    const struct dbc_message *message = dbc_message_at(t.db, 0);
    assert_int_equal(dbc_branches_init(message, dbc_find_signal(message, "Sel"), &branches), 0);
    describe(message, &branches, text, sizeof(text));
    assert_string_equal(text, "1-1:ab 2-2:cd 3-7,10-18446744073709551615:d 9-9:Sub ");
    dbc_branches_deinit(&branches);
    assert_int_equal(dbc_branches_init(message, dbc_find_signal(message, "Sub"), &branches), 0);
    describe(message, &branches, text, sizeof(text));
    assert_string_equal(text, "0-3:e ");
    dbc_branches_deinit(&branches);
    dbc_text_deinit(&t);
}

static void what_selects_nothing_has_no_branches(void **state)
{
    (void)state;
    struct dbc_text t;
    struct dbc_branches branches;
    dbc_text_init(&t, multiplexed);
    const struct dbc_message *message = dbc_message_at(t.db, 0);
    assert_int_equal(dbc_branches_init(message, dbc_find_signal(message, "f"), &branches), 0);
    assert_int_equal(branches.count, 0);
    dbc_branches_deinit(&branches);
    dbc_text_deinit(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_that_select_the_same_are_one_branch),
        cmocka_unit_test(what_selects_nothing_has_no_branches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
