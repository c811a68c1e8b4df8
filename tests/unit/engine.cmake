foreach(module value domain input input_table thermostat threshold_rule arbiter device dependency engine)
  edge_unit_test(${module} LINK automation_core)
endforeach()
