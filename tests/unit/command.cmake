edge_unit_test(command LINK gateway_core)
