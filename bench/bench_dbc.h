/* A DBC for the benches: messages M0, M1, ... of ten signals of six bits, ids from 0x100 on. */
#ifndef EDGE_BENCH_BENCH_DBC_H
#define EDGE_BENCH_BENCH_DBC_H

#include "common/buf.h"
#include "edge-gateway/dbc/dbc.h"

#include <stdio.h>
#include <stdlib.h>

#define BENCH_SIGNALS  10
#define BENCH_FIRST_ID 0x100u

static inline struct dbc_database *bench_database(unsigned messages)
{
    struct buf text;
    buf_init(&text, (size_t)64 << 20);
    buf_puts(&text, "VERSION \"\"\nBU_: X\n");
    for (unsigned i = 0; i < messages; i++) {
        buf_printf(&text, "BO_ %u M%u: 8 X\n", BENCH_FIRST_ID + i, i);
        for (unsigned k = 0; k < BENCH_SIGNALS; k++) {
            buf_printf(&text, " SG_ S%u : %u|6@1+ (0.5,-10) [0|0] \"V\" X\n", k, 6 * k);
        }
    }
    struct diagnostics *d = diagnostics_new(0);
    struct dbc_database *database = dbc_new();
    if (d == NULL || database == NULL || !buf_ok(&text) ||
        dbc_load_text(database, "bench.dbc", text.data, text.length, d) < 0) {
        (void)fprintf(stderr, "no DBC\n");
        exit(1);
    }
    diagnostics_free(d);
    buf_deinit(&text);
    return database;
}

#endif
