edge_unit_test(crc32c LINK gateway_core)
edge_unit_test(segment LINK gateway_core)
edge_unit_test(segment_builder LINK gateway_core)
edge_unit_test(ledger LINK gateway_core)
