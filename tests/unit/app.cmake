edge_unit_test(time_argument LINK gateway_app)
edge_unit_test(requests LINK gateway_app)
