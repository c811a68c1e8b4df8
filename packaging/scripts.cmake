# edge_script(SOURCE NAME): SOURCE as it is installed, in scripts/NAME of the build. There a script has another name than in
# the checkout, and so has what it says of others.
function(edge_script source name)
  file(READ ${PROJECT_SOURCE_DIR}/${source} text)
  foreach(script IN ITEMS pki add-node add-user support)
    string(REPLACE "scripts/${script}" "edge-${script}" text "${text}")
  endforeach()
  string(REPLACE "broker-config/render-cluster" "edge-cluster-config" text "${text}")
  string(REPLACE "broker-config/cluster-accounts" "edge-cluster-accounts" text "${text}")
  string(REPLACE "broker-config/render" "edge-broker-config" text "${text}")
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/scripts/${name} "${text}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${source})
endfunction()
