/* Environment variables. Readers as in dbc_sections.h. */
#ifndef EDGE_GATEWAY_DBC_DBC_SECTION_VARIABLES_H
#define EDGE_GATEWAY_DBC_DBC_SECTION_VARIABLES_H

#include "edge-gateway/dbc/dbc_parser.h"

void dbc_section_variable(struct dbc_parser *p);      /* EV_ Name: 0 [0|1] "" 0 1 RIGHTS A,B; */
void dbc_section_variable_data(struct dbc_parser *p); /* ENVVAR_DATA_ Name: 4; */

/* The variable of that name; NULL, with a warning, when it is not there. */
struct dbc_variable *dbc_section_find_variable(struct dbc_parser *p, struct dbc_position at,
                                               const char *name);

#endif
