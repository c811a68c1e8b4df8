edge_unit_test(greenhouse LINK gateway_bus)
edge_unit_test(greenhouse_can LINK gateway_bus)
