foreach(module value domain input input_table zone moment cron expression expression_errors thermostat level_rule timetable event_rule agenda arbiter
        device dependency engine)
  edge_unit_test(${module} LINK automation_core)
endforeach()
