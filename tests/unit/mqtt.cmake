edge_unit_test(lvq LINK common)
