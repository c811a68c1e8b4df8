#include "common/broker_address.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <string.h>

struct example {
    const char *text;
    int result;
    const char *host;
    uint16_t port;
};

static void assert_examples(const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct broker_address address = {.host = "untouched", .port = 7};
        const struct example *e = &examples[i];
        assert_int_equal(broker_address_parse(e->text, &address), e->result);
        assert_string_equal(address.host, e->result == 0 ? e->host : "untouched");
        assert_int_equal(address.port, e->result == 0 ? e->port : 7);
    }
}

static void hosts_may_have_a_port(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"broker", 0, "broker", 0},
        {"broker.example.org:1884", 0, "broker.example.org", 1884},
        {"10.0.0.1", 0, "10.0.0.1", 0},
        {"10.0.0.1:65535", 0, "10.0.0.1", 65535},
        {"h:1", 0, "h", 1},
    };
    assert_examples(examples, sizeof(examples) / sizeof(examples[0]));
}

static void the_colons_of_ipv6_are_its_own(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"::1", 0, "::1", 0},
        {"fe80::1%eth0", 0, "fe80::1%eth0", 0},
        {"2001:db8::1:1883", 0, "2001:db8::1:1883", 0},
        {"[::1]", 0, "::1", 0},
        {"[2001:db8::1]:1883", 0, "2001:db8::1", 1883},
    };
    assert_examples(examples, sizeof(examples) / sizeof(examples[0]));
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    char longest[BROKER_ADDRESS_MAX_BYTES + 8];
    memset(longest, 'h', sizeof(longest));
    longest[BROKER_HOST_MAX_BYTES + 1] = '\0';
    const struct example examples[] = {
        {"", -EINVAL, NULL, 0},
        {":1883", -EINVAL, NULL, 0},
        {"mqtt://broker", -EINVAL, NULL, 0},
        {"user@broker", -EINVAL, NULL, 0},
        {"two words", -EINVAL, NULL, 0},
        {"[::1", -EINVAL, NULL, 0},
        {"[::1]1883", -EINVAL, NULL, 0},
        {"[]:1883", -EINVAL, NULL, 0},
        {"broker:", -EINVAL, NULL, 0},
        {"broker:mqtt", -EINVAL, NULL, 0},
        {"broker:+1", -EINVAL, NULL, 0},
        {"broker:0", -ERANGE, NULL, 0},
        {"broker:65536", -ERANGE, NULL, 0},
        {"broker:99999999999999999999", -ERANGE, NULL, 0},
        {longest, -ENAMETOOLONG, NULL, 0},
        {longest + 1, 0, longest + 1, 0},
    };
    assert_examples(examples, sizeof(examples) / sizeof(examples[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_may_have_a_port),
        cmocka_unit_test(the_colons_of_ipv6_are_its_own),
        cmocka_unit_test(what_is_no_address_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
