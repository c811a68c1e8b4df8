# Six packages: edge-gateway and automation-node with what both need in edge-common; edge-dashboard is a page,
# edge-broker is for the machine of the broker, edge-fleet-store for the one of the database.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME edge)
set(CPACK_PACKAGE_CONTACT "${maintainer}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "CAN to MQTT gateway and automation")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON) # for /etc
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL edge-gateway automation-node edge-common edge-dashboard edge-broker edge-fleet-store)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
if(EDGE_ARCH) # a cross build; else the one of this machine
  set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE ${EDGE_ARCH})
endif()
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# Maintainer scripts: packaging/debian/NAME.in for each kind of package.
function(edge_scripts component units)
  set(UNITS "${units}")
  set(COMPONENT ${component})
  set(directory ${CMAKE_CURRENT_BINARY_DIR}/debian/${component})
  foreach(script IN ITEMS postinst prerm postrm)
    configure_file(debian/${script}.in ${directory}/${script} @ONLY)
    file(CHMOD ${directory}/${script} PERMISSIONS
      OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
  endforeach()
  set(conffiles ${CMAKE_CURRENT_SOURCE_DIR}/debian/${component}.conffiles)
  string(TOUPPER ${component} upper)
  set(extra ${directory}/postinst ${directory}/prerm ${directory}/postrm)
  if(EXISTS ${conffiles})
    file(COPY_FILE ${conffiles} ${directory}/conffiles)
    list(APPEND extra ${directory}/conffiles)
  endif()
  set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA "${extra}" PARENT_SCOPE)
endfunction()

# Libraries are found by the program, unless scripts/package has found them: those of another processor.
function(edge_depends component packages libraries)
  set(CPACK_DEBIAN_${component}_PACKAGE_SHLIBDEPS ON PARENT_SCOPE)
  if(libraries)
    set(CPACK_DEBIAN_${component}_PACKAGE_SHLIBDEPS OFF PARENT_SCOPE)
    string(APPEND packages ", ${libraries}")
  endif()
  set(CPACK_DEBIAN_${component}_PACKAGE_DEPENDS "${packages}" PARENT_SCOPE)
endfunction()

set(CPACK_DEBIAN_EDGE-GATEWAY_PACKAGE_NAME edge-gateway)
set(CPACK_DEBIAN_EDGE-GATEWAY_DESCRIPTION "Turns the frames of a CAN bus into MQTT readings by a DBC file, keeps them
until they were delivered, raises alarms, and puts commands on the bus.")
edge_depends(EDGE-GATEWAY "edge-common" "${EDGE_GATEWAY_DEPENDS}")
set(CPACK_DEBIAN_EDGE-GATEWAY_PACKAGE_RECOMMENDS "mosquitto, edge-dashboard")
set(CPACK_DEBIAN_EDGE-GATEWAY_PACKAGE_SUGGESTS "can-utils, mosquitto-clients")
edge_scripts(edge-gateway edge-gateway.service)

set(CPACK_DEBIAN_AUTOMATION-NODE_PACKAGE_NAME automation-node)
set(CPACK_DEBIAN_AUTOMATION-NODE_DESCRIPTION "Drives devices by what MQTT topics say, and can tell at any time why a
device is on. Made for edge-gateway, and for any other source of readings.")
edge_depends(AUTOMATION-NODE "edge-common, tzdata" "${AUTOMATION_NODE_DEPENDS}")
set(CPACK_DEBIAN_AUTOMATION-NODE_PACKAGE_RECOMMENDS "mosquitto")
edge_scripts(automation-node automation-node.service)

set(CPACK_DEBIAN_EDGE-COMMON_PACKAGE_NAME edge-common)
set(CPACK_DEBIAN_EDGE-COMMON_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_EDGE-COMMON_DESCRIPTION "What edge-gateway and automation-node share: their users and group,
edge.target, the unit that brings CAN interfaces up, and a command that asks
for what a maintainer needs.")
set(CPACK_DEBIAN_EDGE-COMMON_PACKAGE_DEPENDS "systemd, iproute2")
set(CPACK_DEBIAN_EDGE-COMMON_PACKAGE_SUGGESTS "mosquitto-clients")
edge_scripts(edge-common edge.target)

set(CPACK_DEBIAN_EDGE-DASHBOARD_PACKAGE_NAME edge-dashboard)
set(CPACK_DEBIAN_EDGE-DASHBOARD_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_EDGE-DASHBOARD_DESCRIPTION "One file, served by the WebSocket listener of mosquitto, which it talks MQTT
to.")
set(CPACK_DEBIAN_EDGE-DASHBOARD_PACKAGE_ENHANCES "edge-gateway, automation-node")

set(CPACK_DEBIAN_EDGE-BROKER_PACKAGE_NAME edge-broker)
set(CPACK_DEBIAN_EDGE-BROKER_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_EDGE-BROKER_DESCRIPTION "Profiles of mosquitto for one machine, a site with TLS, and a bridge to a
centre; roles that keep each node and person to their own topics;
certificates of a site's own.")
set(CPACK_DEBIAN_EDGE-BROKER_PACKAGE_DEPENDS "openssl")
set(CPACK_DEBIAN_EDGE-BROKER_PACKAGE_RECOMMENDS "mosquitto")
set(CPACK_DEBIAN_EDGE-BROKER_PACKAGE_ENHANCES "edge-gateway, automation-node, edge-dashboard")

set(CPACK_DEBIAN_EDGE-FLEET-STORE_PACKAGE_NAME edge-fleet-store)
set(CPACK_DEBIAN_EDGE-FLEET-STORE_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_EDGE-FLEET-STORE_DESCRIPTION "Takes what any number of edge-gateways send by MQTT into PostgreSQL, and
acknowledges it to them after COMMIT.")
set(CPACK_DEBIAN_EDGE-FLEET-STORE_PACKAGE_DEPENDS "python3, python3-psycopg2, systemd")
set(CPACK_DEBIAN_EDGE-FLEET-STORE_PACKAGE_RECOMMENDS "postgresql")
set(CPACK_DEBIAN_EDGE-FLEET-STORE_PACKAGE_SUGGESTS "mosquitto")
edge_scripts(edge-fleet-store edge-fleet-store.service)

include(CPack)
