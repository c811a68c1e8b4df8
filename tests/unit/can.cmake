edge_unit_test(candump LINK gateway_core)
