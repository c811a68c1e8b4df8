edge_unit_test(store LINK gateway_store)
