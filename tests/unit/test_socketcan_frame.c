#include "edge-gateway/bus/socketcan_frame.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <linux/can/error.h>
#include <string.h>

#include "edge-gateway/bus/socketcan_error.h"

static void frames_survive_the_way_to_the_kernel_and_back(void **state)
{
    (void)state;
    static const struct {
        struct frame frame;
        canid_t kernel_id;
        size_t size;
    } cases[] = {
        {{.can_id = 0x123, .len = 2, .data = {0x11, 0x22}}, 0x123, CAN_MTU},
        {{.can_id = 0, .len = 0}, 0, CAN_MTU},
        {{.can_id = 0x123, .flags = FRAME_EXTENDED, .len = 8, .data = {1, 2, 3, 4, 5, 6, 7, 8}},
         0x123 | CAN_EFF_FLAG,
         CAN_MTU},
        {{.can_id = 0x1FFFFFFF, .flags = FRAME_EXTENDED}, 0x1FFFFFFF | CAN_EFF_FLAG, CAN_MTU},
        {{.can_id = 0x7FF, .flags = FRAME_REMOTE, .len = 4}, 0x7FF | CAN_RTR_FLAG, CAN_MTU},
        {{.can_id = 0x1, .flags = FRAME_FD, .len = 64, .data = {[63] = 9}}, 1, CANFD_MTU},
        {{.can_id = 0x1, .flags = FRAME_FD | FRAME_BRS | FRAME_ESI, .len = 12}, 1, CANFD_MTU},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct canfd_frame kernel;
        struct frame back = {0};
        assert_int_equal(socketcan_frame_encode(&cases[i].frame, &kernel), cases[i].size);
        assert_int_equal(kernel.can_id, cases[i].kernel_id);
        assert_int_equal(socketcan_frame_decode(&kernel, cases[i].size, &back), 0);
        assert_int_equal(back.can_id, cases[i].frame.can_id);
        assert_int_equal(back.flags, cases[i].frame.flags);
        assert_int_equal(back.len, cases[i].frame.len);
        assert_memory_equal(back.data, cases[i].frame.data, back.len);
    }
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    struct frame frame = {.len = 77};
    struct canfd_frame kernel = {.can_id = 1, .len = 9};
    assert_int_equal(socketcan_frame_decode(&kernel, CAN_MTU, &frame), -EINVAL);
    kernel.len = 65;
    assert_int_equal(socketcan_frame_decode(&kernel, CANFD_MTU, &frame), -EINVAL);
    kernel.len = 1;
    assert_int_equal(socketcan_frame_decode(&kernel, CAN_MTU - 1, &frame), -EINVAL);
    assert_int_equal(frame.len, 77);
}

static struct frame error_frame(uint32_t classes, uint8_t controller)
{
    return (struct frame){
        .can_id = classes, .flags = FRAME_ERROR, .len = CAN_ERR_DLC, .data = {[1] = controller}};
}

static void an_error_frame_keeps_its_class_bits(void **state)
{
    (void)state;
    struct canfd_frame kernel = {.can_id = CAN_ERR_FLAG | 0x1FFF0204, .len = CAN_ERR_DLC};
    struct frame frame;
    assert_int_equal(socketcan_frame_decode(&kernel, CAN_MTU, &frame), 0);
    assert_int_equal(frame.flags, FRAME_ERROR);
    assert_int_equal(frame.can_id, 0x1FFF0204);
}

static void error_frames_tell_the_state_of_the_controller(void **state)
{
    (void)state;
    static const struct {
        uint32_t classes;
        uint8_t controller;
        bool tells;
        enum bus_state state;
    } cases[] = {
        {CAN_ERR_CRTL, CAN_ERR_CRTL_RX_WARNING, true, BUS_STATE_ERROR_WARNING},
        {CAN_ERR_CRTL, CAN_ERR_CRTL_TX_WARNING, true, BUS_STATE_ERROR_WARNING},
        {CAN_ERR_CRTL, CAN_ERR_CRTL_RX_PASSIVE, true, BUS_STATE_ERROR_PASSIVE},
        {CAN_ERR_CRTL, CAN_ERR_CRTL_RX_WARNING | CAN_ERR_CRTL_TX_PASSIVE, true,
         BUS_STATE_ERROR_PASSIVE},
        {CAN_ERR_CRTL, CAN_ERR_CRTL_ACTIVE, true, BUS_STATE_UP},
        {CAN_ERR_CRTL, CAN_ERR_CRTL_RX_OVERFLOW, false, BUS_STATE_COUNT},
        {CAN_ERR_BUSOFF, 0, true, BUS_STATE_BUS_OFF},
        {CAN_ERR_BUSOFF | CAN_ERR_CRTL, CAN_ERR_CRTL_TX_PASSIVE, true, BUS_STATE_BUS_OFF},
        {CAN_ERR_RESTARTED, 0, true, BUS_STATE_UP},
        {CAN_ERR_PROT | CAN_ERR_BUSERROR, CAN_ERR_CRTL_TX_PASSIVE, false, BUS_STATE_COUNT},
        {CAN_ERR_ACK, 0, false, BUS_STATE_COUNT},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct frame frame = error_frame(cases[i].classes, cases[i].controller);
        enum bus_state told = BUS_STATE_COUNT;
        const char *reason = NULL;
        assert_int_equal(socketcan_error_state(&frame, &told, &reason), cases[i].tells);
        assert_int_equal(told, cases[i].state);
        assert_int_equal(reason != NULL, cases[i].tells);
    }
}

static void error_frames_count_in_each_of_their_classes(void **state)
{
    (void)state;
    struct bus_stats stats = {.tx_errors = 5};
    struct frame frame = error_frame(CAN_ERR_PROT | CAN_ERR_BUSERROR, 0);
    socketcan_error_count(&frame, &stats);
    assert_int_equal(stats.error_frames[BUS_ERROR_PROTOCOL], 1);
    assert_int_equal(stats.error_frames[BUS_ERROR_BUS_ERROR], 1);
    assert_int_equal(stats.error_frames[BUS_ERROR_CONTROLLER], 0);
    assert_int_equal(stats.tx_errors, 5); /* no CAN_ERR_CNT: nothing said */

    frame = error_frame(CAN_ERR_CRTL | CAN_ERR_CNT, 0);
    frame.data[6] = 128;
    frame.data[7] = 7;
    socketcan_error_count(&frame, &stats);
    assert_int_equal(stats.tx_errors, 128);
    assert_int_equal(stats.rx_errors, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_survive_the_way_to_the_kernel_and_back),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(an_error_frame_keeps_its_class_bits),
        cmocka_unit_test(error_frames_tell_the_state_of_the_controller),
        cmocka_unit_test(error_frames_count_in_each_of_their_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
