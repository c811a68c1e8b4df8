# edge_store_test(MODULE): with the fixture, and a disk that fails when it is told to.
function(edge_store_test module)
  edge_unit_test(${module} LINK gateway_store)
  target_sources(test_${module} PRIVATE
    ${PROJECT_SOURCE_DIR}/tests/unit/store_bench.c ${PROJECT_SOURCE_DIR}/tests/unit/fault_disk.c)
  foreach(call pwrite pwrite64 fdatasync posix_fallocate posix_fallocate64)
    target_link_options(test_${module} PRIVATE -Wl,--wrap=${call})
  endforeach()
endfunction()

foreach(module log_check store store_change store_clock store_damage store_faults store_full store_memory store_mutations
               store_slow store_thin)
  edge_store_test(${module})
endforeach()

# Some hundred thousand frames each.
foreach(module store_rollup store_rollup_expiry store_rollup_pack store_query store_query_small)
  edge_unit_test(${module} LINK gateway_store)
  set_tests_properties(unit/${module} PROPERTIES TIMEOUT 600)
endforeach()
foreach(module store_rollup store_rollup_expiry store_rollup_pack)
  target_sources(test_${module} PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit/rollup_check.c)
endforeach()
edge_unit_test(log_walk LINK gateway_store)
edge_unit_test(store_age LINK gateway_store)
edge_unit_test(store_quota LINK gateway_store)
edge_unit_test(store_view LINK gateway_store)
foreach(module store_damage store_memory store_mutations)
  target_sources(test_${module} PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit/store_image.c)
endforeach()
foreach(module store_faults store_mutations store_full store_slow) # a hundred logs and more, each with threads and files
  set_tests_properties(unit/${module} PROPERTIES TIMEOUT 600)
endforeach()
edge_unit_test(store_tally LINK gateway_store)
