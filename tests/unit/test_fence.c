#include "edge-gateway/command/fence.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct fixture {
    struct fence_table table;
    struct fence_pass pass;
    struct command_error error;
};

static int setup(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.pass = {99, false}};
    *state = &fixture;
    return 0;
}

static enum command_result admit(struct fixture *f, const char *group, const char *node,
                                 uint64_t epoch)
{
    const struct payload_master master = {group, node, epoch};
    return fence_admit(&f->table, NULL, &master, &f->pass, &f->error);
}

static void test_a_command_without_master_passes(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(fence_admit(&f->table, NULL, NULL, &f->pass, &f->error), COMMAND_ACCEPTED);
    assert_int_equal(f->pass.fence, FENCE_NONE);
    assert_int_equal(f->table.count, 0);
}

static void test_the_first_command_of_an_epoch_raises_it(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(admit(f, "heating", "auto1", 3), COMMAND_ACCEPTED);
    assert_true(f->pass.raised);
    assert_int_equal(admit(f, "heating", "auto1", 3), COMMAND_ACCEPTED);
    assert_false(f->pass.raised);
    assert_int_equal(admit(f, "heating", "auto2", 4), COMMAND_ACCEPTED);
    assert_true(f->pass.raised);
    assert_int_equal(f->pass.fence, 0);
}

static void test_an_older_epoch_is_refused_whoever_has_it(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(admit(f, "heating", "auto2", 4), COMMAND_ACCEPTED);
    assert_int_equal(admit(f, "heating", "auto1", 3), COMMAND_STALE_EPOCH);
    assert_string_equal(f->error.text, "epoch 3 of auto1: auto2 leads with epoch 4");
    assert_int_equal(admit(f, "heating", "auto2", 3), COMMAND_STALE_EPOCH);
    assert_int_equal(admit(f, "heating", "auto2", 4), COMMAND_ACCEPTED);
}

static void test_the_same_epoch_of_another_node_is_refused(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(admit(f, "heating", "auto2", 4), COMMAND_ACCEPTED);
    assert_int_equal(admit(f, "heating", "auto1", 4), COMMAND_STALE_EPOCH);
    assert_string_equal(f->table.items[0].node, "auto2");
}

static void test_groups_have_epochs_of_their_own(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(admit(f, "heating", "auto2", 4), COMMAND_ACCEPTED);
    assert_int_equal(admit(f, "light", "auto1", 1), COMMAND_ACCEPTED);
    assert_int_equal(f->pass.fence, 1);
}

static void test_a_message_of_a_group_is_set_by_that_alone(void **state)
{
    struct fixture *f = *state;
    const struct payload_master other = {"light", "auto1", 1};
    const struct payload_master right = {"heating", "auto1", 1};
    assert_int_equal(fence_admit(&f->table, "heating", NULL, &f->pass, &f->error),
                     COMMAND_NOT_MASTER);
    assert_int_equal(fence_admit(&f->table, "heating", &other, &f->pass, &f->error),
                     COMMAND_NOT_MASTER);
    assert_int_equal(f->table.count, 0);
    assert_int_equal(fence_admit(&f->table, "heating", &right, &f->pass, &f->error),
                     COMMAND_ACCEPTED);
}

static void test_groups_are_bounded(void **state)
{
    struct fixture *f = *state;
    char group[16];
    for (int i = 0; i < FENCES_MAX; i++) {
        (void)snprintf(group, sizeof(group), "g%d", i);
        assert_int_equal(admit(f, group, "auto1", 1), COMMAND_ACCEPTED);
    }
    assert_int_equal(admit(f, "one-more", "auto1", 1), COMMAND_NOT_MASTER);
    assert_int_equal(admit(f, "g0", "auto1", 2), COMMAND_ACCEPTED);
}

static void test_it_is_found_again(void **state)
{
    struct fixture *f = *state;
    char text[FENCE_TEXT_BYTES];
    struct fence_table later = {0};
    assert_int_equal(admit(f, "heating", "auto2", PAYLOAD_INTEGER_MAX), COMMAND_ACCEPTED);
    fence_save(&f->table.items[0], text);
    assert_int_equal(fence_load(&later, text), 0);
    assert_string_equal(later.items[0].group, "heating");
    assert_string_equal(later.items[0].node, "auto2");
    assert_true(later.items[0].epoch == PAYLOAD_INTEGER_MAX);
}

static void test_the_longest_names_fit(void **state)
{
    struct fixture *f = *state;
    char group[PAYLOAD_GROUP_MAX_BYTES + 1];
    char node[TOPIC_ID_MAX_BYTES + 1];
    char text[FENCE_TEXT_BYTES];
    struct fence_table later = {0};
    memset(group, 'g', sizeof(group) - 1);
    memset(node, 'n', sizeof(node) - 1);
    group[sizeof(group) - 1] = node[sizeof(node) - 1] = '\0';
    assert_int_equal(admit(f, group, node, PAYLOAD_INTEGER_MAX), COMMAND_ACCEPTED);
    fence_save(&f->table.items[0], text);
    assert_int_equal(fence_load(&later, text), 0);
    assert_string_equal(later.items[0].node, node);
}

static void test_what_is_damaged_is_refused(void **state)
{
    struct fixture *f = *state;
    static const char *const texts[] = {"",
                                        "heating",
                                        "heating auto1",
                                        "a b ",
                                        "heating auto1 0",
                                        "heating auto1 x",
                                        "a/b c 1",
                                        "heating auto1 1 2",
                                        " auto1 1",
                                        "a b -1",
                                        "a b 9007199254740993"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(fence_load(&f->table, texts[i]), -EINVAL);
    }
    assert_int_equal(f->table.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_command_without_master_passes, setup),
        cmocka_unit_test_setup(test_the_first_command_of_an_epoch_raises_it, setup),
        cmocka_unit_test_setup(test_an_older_epoch_is_refused_whoever_has_it, setup),
        cmocka_unit_test_setup(test_the_same_epoch_of_another_node_is_refused, setup),
        cmocka_unit_test_setup(test_groups_have_epochs_of_their_own, setup),
        cmocka_unit_test_setup(test_a_message_of_a_group_is_set_by_that_alone, setup),
        cmocka_unit_test_setup(test_groups_are_bounded, setup),
        cmocka_unit_test_setup(test_it_is_found_again, setup),
        cmocka_unit_test_setup(test_the_longest_names_fit, setup),
        cmocka_unit_test_setup(test_what_is_damaged_is_refused, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
