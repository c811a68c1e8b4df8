edge_unit_test(bucket LINK gateway_core)
