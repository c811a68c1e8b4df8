edge_unit_test(id_table LINK gateway_core)
edge_unit_test(survey LINK gateway_core)
