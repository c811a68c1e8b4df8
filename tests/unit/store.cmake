# Each with the fixture.
foreach(module store)
  edge_unit_test(${module} LINK gateway_store)
  target_sources(test_${module} PRIVATE ${CMAKE_CURRENT_LIST_DIR}/store_bench.c)
endforeach()
edge_unit_test(store_clock LINK gateway_store)
target_sources(test_store_clock PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit/store_bench.c)
