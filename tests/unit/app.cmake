edge_unit_test(requests LINK gateway_app)
