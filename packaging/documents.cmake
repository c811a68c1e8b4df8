# What Debian's policy wants in each package: the licence, a changelog, and the reasons for what lintian finds odd.
set(maintainer "The edge-gateway developers <edge@edge.example>")
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC) # of SOURCE_DATE_EPOCH, where it is set
configure_file(debian/changelog.in ${CMAKE_CURRENT_BINARY_DIR}/debian/changelog @ONLY)
execute_process(COMMAND gzip -9nkf ${CMAKE_CURRENT_BINARY_DIR}/debian/changelog COMMAND_ERROR_IS_FATAL ANY)

foreach(component IN ITEMS edge-gateway automation-node edge-common edge-dashboard edge-broker edge-fleet-store)
  set(documents share/doc/${component})
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${documents} RENAME copyright COMPONENT ${component})
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/debian/changelog.gz DESTINATION ${documents} RENAME changelog.Debian.gz
    COMPONENT ${component})
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/debian/overrides/${component})
    install(FILES debian/overrides/${component} DESTINATION share/lintian/overrides COMPONENT ${component})
  endif()
endforeach()
