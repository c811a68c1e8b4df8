#include "edge-gateway/bus/bus_off.h"
#include "edge-gateway/bus/socketcan_restart.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <linux/can/netlink.h>
#include <string.h>

#define S INT64_C(1000000)

static void assert_between(int64_t value, int64_t low, int64_t high)
{
    if (value < low || value > high) {
        fail_msg("%lld is not from %lld to %lld", (long long)value, (long long)low,
                 (long long)high);
    }
}

static void the_first_restart_comes_within_a_second(void **state)
{
    (void)state;
    struct bus_off b;
    int64_t restart_us;
    bus_off_init(&b, 1);
    assert_false(bus_off_note(&b, false, 0, &restart_us));
    assert_true(bus_off_note(&b, true, 10 * S, &restart_us));
    assert_between(restart_us, 10 * S + S / 2, 11 * S);
    assert_false(bus_off_note(&b, true, 10 * S, &restart_us)); /* it was told already */
}

static void one_that_stays_off_is_tried_less_and_less_often(void **state)
{
    (void)state;
    struct bus_off b;
    int64_t restart_us;
    bus_off_init(&b, 1);
    assert_true(bus_off_note(&b, true, 0, &restart_us));
    int64_t wait_us = 2 * S;
    for (int i = 0; i < 10; i++) {
        int64_t next_us = bus_off_again(&b, restart_us);
        assert_between(next_us - restart_us, wait_us / 2, wait_us);
        restart_us = next_us;
        wait_us = 2 * wait_us < 60 * S ? 2 * wait_us : 60 * S;
    }
}

static void one_that_comes_and_goes_is_tried_less_often_too(void **state)
{
    (void)state;
    struct bus_off b;
    int64_t restart_us = 0;
    int64_t wait_us = S;
    bus_off_init(&b, 1);
    for (int i = 0; i < 5; i++) {
        int64_t off_us = restart_us + S; /* off again a second after it came back */
        assert_true(bus_off_note(&b, true, off_us, &restart_us));
        assert_between(restart_us - off_us, wait_us / 2, wait_us);
        assert_false(bus_off_note(&b, false, restart_us, &restart_us));
        wait_us *= 2;
    }
    int64_t healthy_us = restart_us + 60 * S;
    assert_true(bus_off_note(&b, true, healthy_us, &restart_us));
    assert_between(restart_us - healthy_us, S / 2, S);
}

/* ---- the message ------------------------------------------------------------------------ */

static const struct rtattr *find(const void *data, size_t length, unsigned type)
{
    const struct rtattr *attribute = data;
    while (RTA_OK(attribute, length)) {
        if (attribute->rta_type == type) {
            return attribute;
        }
        attribute = RTA_NEXT(attribute, length);
    }
    fail_msg("no attribute %u", type);
    return NULL;
}

static void the_message_reads_as_the_kernel_reads_it(void **state)
{
    (void)state;
    const struct socketcan_restart message = socketcan_restart_message(7, 42);
    const struct nlmsghdr *header = &message.header;
    assert_true(NLMSG_OK(header, sizeof(message)));
    assert_int_equal(header->nlmsg_type, RTM_NEWLINK);
    assert_int_equal(header->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
    assert_int_equal(header->nlmsg_seq, 42);
    const struct ifinfomsg *info = NLMSG_DATA(header);
    assert_int_equal(info->ifi_index, 7);
    const struct rtattr *link = find(IFLA_RTA(info), IFLA_PAYLOAD(header), IFLA_LINKINFO);
    const struct rtattr *kind = find(RTA_DATA(link), RTA_PAYLOAD(link), IFLA_INFO_KIND);
    assert_string_equal(RTA_DATA(kind), "can");
    const struct rtattr *data = find(RTA_DATA(link), RTA_PAYLOAD(link), IFLA_INFO_DATA);
    const struct rtattr *restart = find(RTA_DATA(data), RTA_PAYLOAD(data), IFLA_CAN_RESTART);
    uint32_t value;
    assert_int_equal(RTA_PAYLOAD(restart), sizeof(value));
    memcpy(&value, RTA_DATA(restart), sizeof(value));
    assert_int_equal(value, 1);
}

static void a_refusal_says_what_to_do(void **state)
{
    (void)state;
    assert_non_null(strstr(socketcan_restart_text(-EPERM), "CAP_NET_ADMIN"));
    assert_non_null(strstr(socketcan_restart_text(-EINVAL), "by itself"));
    assert_non_null(strstr(socketcan_restart_text(-EOPNOTSUPP), "cannot be restarted"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_restart_comes_within_a_second),
        cmocka_unit_test(one_that_stays_off_is_tried_less_and_less_often),
        cmocka_unit_test(one_that_comes_and_goes_is_tried_less_often_too),
        cmocka_unit_test(the_message_reads_as_the_kernel_reads_it),
        cmocka_unit_test(a_refusal_says_what_to_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
