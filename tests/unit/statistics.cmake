edge_unit_test(noise LINK gateway_core)
edge_unit_test(bucket LINK gateway_core)
edge_unit_test(bucket_pack LINK gateway_core)
edge_unit_test(decimate LINK gateway_core)
