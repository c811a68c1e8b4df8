edge_unit_test(bus_off LINK gateway_bus)
edge_unit_test(bus_replay LINK gateway_bus)
edge_unit_test(bus_simulate LINK gateway_bus)
edge_unit_test(drop_count LINK gateway_bus)
edge_unit_test(socketcan_frame LINK gateway_bus)

# What the kernel tests run inside a kernel with CAN.
add_executable(bus_probe ${PROJECT_SOURCE_DIR}/tests/can/bus_probe.c)
target_link_libraries(bus_probe PRIVATE gateway_bus)
