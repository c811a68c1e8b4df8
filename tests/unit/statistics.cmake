edge_unit_test(bucket LINK gateway_core)
edge_unit_test(decimate LINK gateway_core)
