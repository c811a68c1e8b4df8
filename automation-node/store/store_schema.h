/* The tables of the automation node. */
#ifndef EDGE_AUTOMATION_STORE_STORE_SCHEMA_H
#define EDGE_AUTOMATION_STORE_STORE_SCHEMA_H

#include "common/database.h"

extern const struct database_schema automation_schema;

#endif
