foreach(module value domain input input_table zone moment expression expression_errors thermostat level_rule agenda arbiter
        device dependency engine)
  edge_unit_test(${module} LINK automation_core)
endforeach()
