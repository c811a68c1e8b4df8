# The library build_facts (common/build_facts.h). Its source is looked after in each build, as the commit moves without
# cmake, and written only when something in it changed. As a script (cmake -P) this file writes it.
set(EDGE_FACTS PROJECT_VERSION CMAKE_C_COMPILER_ID CMAKE_C_COMPILER_VERSION CMAKE_SYSTEM_PROCESSOR BUILD_TYPE SANITIZERS
  yaml_VERSION)

if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(BUILD_TYPE "${CMAKE_BUILD_TYPE}")
  if(EDGE_LTO)
    string(APPEND BUILD_TYPE ", link-time optimisation")
  endif()
  set(SANITIZERS "")
  if(EDGE_SANITIZE)
    set(SANITIZERS "address, undefined")
  elseif(EDGE_TSAN)
    set(SANITIZERS "thread")
  endif()
  set(facts "")
  foreach(fact IN LISTS EDGE_FACTS)
    list(APPEND facts "-D${fact}=${${fact}}")
  endforeach()
  set(source ${PROJECT_BINARY_DIR}/generated/build_facts.c)
  add_custom_target(build_facts_source
    COMMAND ${CMAKE_COMMAND} ${facts} -DSOURCE_DIR=${PROJECT_SOURCE_DIR} -DOUTPUT=${source}
      -P ${CMAKE_CURRENT_LIST_FILE}
    BYPRODUCTS ${source} VERBATIM)
  add_library(build_facts STATIC ${source})
  add_dependencies(build_facts build_facts_source)
  return()
endif()

# Empty where this is no checkout of the project itself, or git will not look at it.
set(COMMIT "")
find_program(GIT git)
if(GIT)
  execute_process(COMMAND ${GIT} -C ${SOURCE_DIR} rev-parse --show-prefix
    OUTPUT_VARIABLE prefix RESULT_VARIABLE failed ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT failed AND prefix STREQUAL "")
    execute_process(COMMAND ${GIT} -C ${SOURCE_DIR} describe --always --dirty --abbrev=12 --exclude=*
      OUTPUT_VARIABLE hash RESULT_VARIABLE failed ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
    execute_process(COMMAND ${CMAKE_COMMAND} -E env TZ=UTC0
        ${GIT} -C ${SOURCE_DIR} log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ
      OUTPUT_VARIABLE time ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(NOT failed)
      set(COMMIT "${hash} ${time}")
    endif()
  endif()
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/build_facts.c.in ${OUTPUT} @ONLY)
