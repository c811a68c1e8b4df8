edge_unit_test(time_argument LINK gateway_app)
