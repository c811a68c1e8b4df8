edge_unit_test(buf LINK common)
edge_unit_test(parse LINK common)
edge_unit_test(diagnostics LINK common)
edge_unit_test(complaint LINK common)
