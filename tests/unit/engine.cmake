foreach(module value domain input input_table zone moment cron expression expression_errors expression_otherwise thermostat pid level_rule timetable event_rule schedule agenda arbiter interlock
        device dependency engine)
  edge_unit_test(${module} LINK automation_core)
endforeach()
foreach(module time_zone wall_clock)
  edge_unit_test(${module} LINK automation_app)
endforeach()
edge_unit_test(driver LINK automation_drivers)
