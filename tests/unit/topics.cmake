edge_unit_test(utf8 LINK topics)
edge_unit_test(json_writer LINK topics)
edge_unit_test(json_number LINK topics)
edge_unit_test(topic LINK topics)
edge_unit_test(topic_id LINK topics)
edge_unit_test(topic_filter LINK topics)
edge_unit_test(payload_reading LINK topics)
edge_unit_test(payload_set LINK topics)
edge_unit_test(payload_node_claim LINK topics)
edge_unit_test(payload_device LINK topics)
edge_unit_test(payload_node LINK topics)
edge_unit_test(payload_rule LINK topics)
edge_unit_test(payload_controller LINK topics)
edge_unit_test(payload_catalog LINK topics)
edge_unit_test(payload_metrics LINK topics)
edge_unit_test(payload_alarm LINK topics)
edge_unit_test(payload_event LINK topics)
edge_unit_test(payload_backfill LINK topics)
edge_unit_test(payload_query LINK topics)
edge_unit_test(payload_question LINK topics)
edge_unit_test(payload_answer LINK topics m)

# The contract in other words (AsyncAPI, JSON Schema) against the contract in C.
foreach(program topic_table_dump payload_examples acl_roles)
  add_executable(${program} ${CMAKE_CURRENT_SOURCE_DIR}/${program}.c)
  target_link_libraries(${program} PRIVATE topics)
  set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
endforeach()
target_sources(payload_examples PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/alarm_examples.c
               ${CMAKE_CURRENT_SOURCE_DIR}/standby_examples.c)
# The system's interpreter: the one which has the packages that scripts/setup installs.
find_program(EDGE_PYTHON3 python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
add_test(NAME topics/asyncapi
  COMMAND ${EDGE_PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/test_asyncapi.py
          ${PROJECT_SOURCE_DIR} $<TARGET_FILE:topic_table_dump> $<TARGET_FILE:payload_examples>)
set_tests_properties(topics/asyncapi PROPERTIES LABELS unit TIMEOUT 300)
add_test(NAME unit/fleet_store COMMAND ${EDGE_PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/test_fleet_store.py)
set_tests_properties(unit/fleet_store PROPERTIES LABELS unit TIMEOUT 300)
# Who may publish and read what, as the broker's machine has it.
add_test(NAME topics/acl_roles
  COMMAND ${EDGE_PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/test_acl_roles.py
          ${PROJECT_SOURCE_DIR} $<TARGET_FILE:acl_roles>)
set_tests_properties(topics/acl_roles PROPERTIES LABELS unit TIMEOUT 60)
edge_unit_test(json_field LINK topics)
edge_unit_test(foreign LINK topics)
edge_unit_test(discovery_name LINK topics)
edge_unit_test(discovery_class LINK topics)
edge_unit_test(payload_discovery LINK topics)
