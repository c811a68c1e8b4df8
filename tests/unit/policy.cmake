edge_unit_test(policy LINK gateway_core)
