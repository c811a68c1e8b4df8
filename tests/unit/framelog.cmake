edge_unit_test(crc32c LINK gateway_core)
