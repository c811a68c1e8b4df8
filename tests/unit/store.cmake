edge_unit_test(store LINK gateway_store)
edge_unit_test(store_rollup LINK gateway_store)
edge_unit_test(store_query LINK gateway_store)
