edge_unit_test(decimal LINK gateway_core)
edge_unit_test(text_encoding LINK gateway_core)
edge_unit_test(dbc_lexer LINK gateway_core)
edge_unit_test(dbc_parser LINK gateway_core)
edge_unit_test(dbc_labels LINK gateway_core)
edge_unit_test(dbc LINK gateway_core)
edge_unit_test(dbc_decode LINK gateway_core)
edge_unit_test(dbc_encode LINK gateway_core)
edge_unit_test(json_reader)
target_sources(test_json_reader PRIVATE ${PROJECT_SOURCE_DIR}/edge-gateway/app/json_reader.c)
edge_unit_test(encode_line LINK gateway_core)
target_sources(test_encode_line PRIVATE
  ${PROJECT_SOURCE_DIR}/edge-gateway/app/encode_line.c
  ${PROJECT_SOURCE_DIR}/edge-gateway/app/json_reader.c)
