# The package edge-fleet-store: the consumer that keeps what all gateways send in PostgreSQL. It needs none of the others.
set(store ${PROJECT_SOURCE_DIR}/examples/fleet-store)
find_program(EDGE_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)

# /etc/edge/fleet-store.conf says all keys with their meaning.
set(store_conf ${CMAKE_CURRENT_BINARY_DIR}/fleet-store.conf)
execute_process(COMMAND ${EDGE_PYTHON} -B -c "import settings; print(settings.defaults())"
  WORKING_DIRECTORY ${store} OUTPUT_FILE ${store_conf} COMMAND_ERROR_IS_FATAL ANY)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${store}/settings.py)

file(GLOB modules CONFIGURE_DEPENDS ${store}/*.py)
install(PROGRAMS ${store}/fleet-store DESTINATION lib/edge/fleet-store COMPONENT edge-fleet-store)
install(FILES ${modules} DESTINATION lib/edge/fleet-store COMPONENT edge-fleet-store)
install(DIRECTORY ${store}/schema DESTINATION lib/edge/fleet-store COMPONENT edge-fleet-store)
file(CREATE_LINK ../lib/edge/fleet-store/fleet-store ${CMAKE_CURRENT_BINARY_DIR}/edge-fleet-store SYMBOLIC)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/edge-fleet-store DESTINATION sbin COMPONENT edge-fleet-store)
install(FILES ${store_conf} DESTINATION /etc/edge COMPONENT edge-fleet-store)
install(FILES systemd/edge-fleet-store.service DESTINATION ${unit_directory} COMPONENT edge-fleet-store)
install(FILES systemd/edge-fleet-store.sysusers DESTINATION lib/sysusers.d RENAME edge-fleet-store.conf
  COMPONENT edge-fleet-store)
install(FILES ${PROJECT_SOURCE_DIR}/docs/fleet-store.md DESTINATION share/doc/edge-fleet-store COMPONENT edge-fleet-store)
