# Each with the fixture.
foreach(module store store_clock)
  edge_unit_test(${module} LINK gateway_store)
  target_sources(test_${module} PRIVATE ${CMAKE_CURRENT_LIST_DIR}/store_bench.c)
endforeach()
edge_unit_test(store_rollup LINK gateway_store)
edge_unit_test(store_query LINK gateway_store)
