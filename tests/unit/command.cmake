edge_unit_test(command LINK gateway_core)
edge_unit_test(fence LINK gateway_core)
edge_unit_test(sender_clocks LINK gateway_core)
