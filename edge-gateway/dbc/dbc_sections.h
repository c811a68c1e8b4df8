/*
 * One reader per section of a DBC file, called with the cursor behind the keyword. All have the
 * type dbc_section_fn and are listed in the table of dbc_parser.c. Internal to the DBC engine.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_SECTIONS_H
#define EDGE_GATEWAY_DBC_DBC_SECTIONS_H

#include "edge-gateway/dbc/dbc_parser.h"

#include <stdint.h>

typedef void (*dbc_section_fn)(struct dbc_parser *p);

/* The id of the pseudo message that holds signals used in no frame. */
#define DBC_PSEUDO_ID 0xC0000000u

/* dbc_section_message.c */
void dbc_section_message(struct dbc_parser *p); /* BO_ 100 Name: 8 Sender */
void dbc_section_signal(struct dbc_parser *p);  /* SG_ Name m0 : 8|16@1+ (0.1,0) [0|100] "V" Node */

/* dbc_section_values.c */
void dbc_section_values(struct dbc_parser *p);       /* VAL_ 100 Name 0 "Off" 1 "On" ; */
void dbc_section_value_table(struct dbc_parser *p);  /* VAL_TABLE_ Name 0 "Off" 1 "On" ; */
void dbc_section_value_type(struct dbc_parser *p);   /* SIG_VALTYPE_ 100 Name : 1; */
void dbc_section_multiplexing(struct dbc_parser *p); /* SG_MUL_VAL_ 100 Name Selector 0-3, 5-5; */
void dbc_section_comment(struct dbc_parser *p);      /* CM_ SG_ 100 Name "text"; */

/* dbc_section_attributes.c */
void dbc_section_attribute_definition(struct dbc_parser *p); /* BA_DEF_ BO_ "Name" INT 0 100; */
void dbc_section_attribute_default(struct dbc_parser *p);    /* BA_DEF_DEF_ "Name" 0; */
void dbc_section_attribute(struct dbc_parser *p);            /* BA_ "Name" BO_ 100 20; */

/* The CAN id that a DBC's number means: bit 31 marks 29-bit ids. Returns what had to be forgiven,
 * or NULL. `number` is not DBC_PSEUDO_ID. */
const char *dbc_section_can_id(uint64_t number, uint32_t *ret_id, bool *ret_extended);

#endif
