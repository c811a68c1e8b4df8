#include "automation-node/app/cycle_graph.h"

#include "tests/unit/cmocka_all.h"

#include "tests/unit/seed.h"

#include <stdbool.h>
#include <string.h>

#define NODES_MAX 12

struct found {
    size_t count;            /* cycles */
    size_t nodes[NODES_MAX]; /* of the last one */
    size_t length;           /* its number of nodes */
    bool edges[NODES_MAX][NODES_MAX];
};

static void note(void *context, const size_t *nodes, size_t count)
{
    struct found *found = context;
    bool seen[NODES_MAX] = {false};
    found->count++;
    found->length = count;
    memcpy(found->nodes, nodes, count * sizeof(nodes[0]));
    for (size_t i = 0; i < count; i++) {
        assert_true(found->edges[nodes[i]][nodes[(i + 1) % count]]);
        assert_false(seen[nodes[i]]);
        seen[nodes[i]] = true;
    }
}

static void search(struct found *found, size_t min_count)
{
    struct cycle_graph *graph;
    assert_int_equal(cycle_graph_new(NODES_MAX, &graph), 0);
    for (size_t from = 0; from < NODES_MAX; from++) {
        for (size_t to = 0; to < NODES_MAX; to++) {
            if (found->edges[from][to]) {
                assert_int_equal(cycle_graph_add(graph, from, to), 0);
            }
        }
    }
    assert_int_equal(cycle_graph_each(graph, min_count, note, found), 0);
    cycle_graph_free(graph);
}

static void connect(struct found *found, const char *path)
{
    for (; path[1] != '\0'; path++) {
        found->edges[path[0] - 'a'][path[1] - 'a'] = true;
    }
}

static void what_leads_nowhere_back_has_no_cycle(void **state)
{
    (void)state;
    struct found found = {0};
    search(&found, 1);
    connect(&found, "abcd");
    connect(&found, "acef");
    search(&found, 1);
    assert_int_equal(found.count, 0);
    cycle_graph_free(NULL);
}

static void a_cycle_is_named_in_its_order(void **state)
{
    (void)state;
    struct found found = {0};
    connect(&found, "fbgcab"); /* f leads to it, and is not in it */
    connect(&found, "gh");
    search(&found, 1);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.length, 4);
    static const size_t expected[] = {0, 1, 6, 2};
    assert_memory_equal(found.nodes, expected, sizeof(expected));
}

static void the_shortest_one_that_is_long_enough_is_told(void **state)
{
    (void)state;
    struct found found = {0};
    connect(&found, "aba");
    connect(&found, "acdea");
    connect(&found, "afghija");
    search(&found, 1);
    assert_int_equal(found.length, 2);
    search(&found, 3);
    assert_int_equal(found.length, 4);
    search(&found, 5);
    assert_int_equal(found.length, 6);
    assert_int_equal(found.count, 3);
    search(&found, 7);
    assert_int_equal(found.count, 3);
}

static void each_group_is_told_once(void **state)
{
    (void)state;
    struct found found = {0};
    connect(&found, "abca");
    connect(&found, "bacb");
    connect(&found, "cd"); /* from one group to the other */
    connect(&found, "defd");
    search(&found, 2);
    assert_int_equal(found.count, 2);
}

static void a_node_that_leads_to_itself_is_a_cycle_of_one(void **state)
{
    (void)state;
    struct found found = {0};
    connect(&found, "aa");
    search(&found, 2);
    assert_int_equal(found.count, 0);
    search(&found, 1);
    assert_int_equal(found.count, 1);
}

/* Against reachability, computed the simple way. */
static size_t count_groups(const struct found *found)
{
    bool reach[NODES_MAX][NODES_MAX];
    size_t count = 0;
    memcpy(reach, found->edges, sizeof(reach));
    for (size_t via = 0; via < NODES_MAX; via++) {
        for (size_t i = 0; i < NODES_MAX * NODES_MAX; i++) {
            size_t from = i / NODES_MAX;
            size_t to = i % NODES_MAX;
            reach[from][to] = reach[from][to] || (reach[from][via] && reach[via][to]);
        }
    }
    for (size_t i = 0; i < NODES_MAX; i++) {
        bool first = reach[i][i];
        for (size_t j = 0; j < i; j++) {
            first = first && !(reach[i][j] && reach[j][i]);
        }
        count += first ? 1 : 0;
    }
    return count;
}

static void random_graphs_have_a_cycle_for_each_group(void **state)
{
    (void)state;
    srandom(test_seed());
    for (int round = 0; round < 2000; round++) {
        struct found found = {0};
        long edges = random() % 30;
        for (long i = 0; i < edges; i++) {
            found.edges[random() % NODES_MAX][random() % NODES_MAX] = true;
        }
        search(&found, 1);
        assert_int_equal(found.count, count_groups(&found));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_leads_nowhere_back_has_no_cycle),
        cmocka_unit_test(a_cycle_is_named_in_its_order),
        cmocka_unit_test(the_shortest_one_that_is_long_enough_is_told),
        cmocka_unit_test(each_group_is_told_once),
        cmocka_unit_test(a_node_that_leads_to_itself_is_a_cycle_of_one),
        cmocka_unit_test(random_graphs_have_a_cycle_for_each_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
