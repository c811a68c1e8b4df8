edge_unit_test(lvq LINK common)
edge_unit_test(lvq_random LINK common)
edge_unit_test(mqtt_link_options LINK common)
edge_unit_test(retained_ledger LINK common)
