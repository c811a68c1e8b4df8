/* What groups nodes and signals around a message. Readers as in dbc_sections.h. */
#ifndef EDGE_GATEWAY_DBC_DBC_SECTION_GROUPS_H
#define EDGE_GATEWAY_DBC_DBC_SECTION_GROUPS_H

#include "edge-gateway/dbc/dbc_parser.h"

void dbc_section_transmitters(struct dbc_parser *p); /* BO_TX_BU_ 100 : A,B; */
void dbc_section_group(struct dbc_parser *p);        /* SIG_GROUP_ 100 Name 1 : S T; */

#endif
