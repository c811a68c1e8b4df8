# Each with the fixture.
foreach(module store store_clock)
  edge_unit_test(${module} LINK gateway_store)
  target_sources(test_${module} PRIVATE ${CMAKE_CURRENT_LIST_DIR}/store_bench.c)
endforeach()

# Some hundred thousand frames each.
foreach(module store_rollup store_query)
  edge_unit_test(${module} LINK gateway_store)
  set_tests_properties(unit/${module} PROPERTIES TIMEOUT 180)
endforeach()
edge_unit_test(log_walk LINK gateway_store)
edge_unit_test(store_view LINK gateway_store)
