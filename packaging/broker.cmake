# The package edge-broker: profiles and roles for mosquitto, and the scripts that keep certificates and members.
set(broker_share share/edge/broker)

foreach(command IN ITEMS pki add-node add-user)
  edge_script(scripts/${command} edge-${command})
  install(PROGRAMS ${CMAKE_CURRENT_BINARY_DIR}/scripts/edge-${command} DESTINATION sbin COMPONENT edge-broker)
endforeach()
edge_script(broker-config/render edge-broker-config)
edge_script(broker-config/render-cluster edge-cluster-config)
edge_script(broker-config/cluster-accounts edge-cluster-accounts)
foreach(command IN ITEMS edge-broker-config edge-cluster-config edge-cluster-accounts)
  install(PROGRAMS ${CMAKE_CURRENT_BINARY_DIR}/scripts/${command} DESTINATION sbin COMPONENT edge-broker)
endforeach()
foreach(part IN ITEMS accounts.sh accounts_command.sh mosquitto.conf site.conf bridge.conf centre.conf
                      nats/nats.conf rabbitmq/rabbitmq.conf)
  edge_script(broker-config/${part} ${part})
  get_filename_component(folder "${broker_share}/${part}" DIRECTORY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/scripts/${part} DESTINATION ${folder} COMPONENT edge-broker)
endforeach()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/broker-config/roles DESTINATION ${broker_share} COMPONENT edge-broker)
install(FILES ${PROJECT_SOURCE_DIR}/docs/broker.md ${PROJECT_SOURCE_DIR}/docs/cluster.md
        DESTINATION share/doc/edge-broker COMPONENT edge-broker)
