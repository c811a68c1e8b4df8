edge_unit_test(utf8 LINK topics)
edge_unit_test(json_writer LINK topics)
edge_unit_test(json_number LINK topics)
edge_unit_test(topic LINK topics)
edge_unit_test(topic_id LINK topics)
edge_unit_test(topic_filter LINK topics)
edge_unit_test(payload_reading LINK topics)
edge_unit_test(payload_set LINK topics)
edge_unit_test(payload_device LINK topics)
edge_unit_test(payload_node LINK topics)
edge_unit_test(payload_catalog LINK topics)
edge_unit_test(payload_metrics LINK topics)
edge_unit_test(payload_event LINK topics)
edge_unit_test(payload_backfill LINK topics)
edge_unit_test(payload_query LINK topics)
edge_unit_test(payload_answer LINK topics m)

# The contract in other words (AsyncAPI, JSON Schema) against the contract in C.
foreach(program topic_table_dump payload_examples)
  add_executable(${program} ${CMAKE_CURRENT_SOURCE_DIR}/${program}.c)
  target_link_libraries(${program} PRIVATE topics)
  set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
endforeach()
# The system's interpreter: the one which has the packages that scripts/setup installs.
find_program(EDGE_PYTHON3 python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
add_test(NAME topics/asyncapi
  COMMAND ${EDGE_PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/test_asyncapi.py
          ${PROJECT_SOURCE_DIR} $<TARGET_FILE:topic_table_dump> $<TARGET_FILE:payload_examples>)
set_tests_properties(topics/asyncapi PROPERTIES LABELS unit TIMEOUT 60)
