#include "edge-gateway/app/commands.h"

#include "common/cli.h"
#include "edge-gateway/app/dbc_files.h"
#include "edge-gateway/publish/catalog_encoder.h"
#include "topics/payload_catalog.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#define DBC_FILES_MAX  256
#define TEXT_MIN_BYTES ((size_t)1 << 20)
#define TEXT_MAX_BYTES ((size_t)1 << 30)

static const char help[] =
    "usage: edge-gateway catalog --dbc FILE [--dbc FILE ...] [--bus NAME]\n\n"
    "Prints what DBC files say of messages and signals, as on the topic `catalog`.\n\n"
    "      --dbc FILE  a DBC file; several make one bus: the first with an id wins\n"
    "      --bus NAME  what the bus is called (can0)\n";

static void write_catalog(struct json_writer *w, const struct dbc_database *db, const char *bus)
{
    payload_catalog_begin(w, 0);
    payload_catalog_bus_begin(w, bus);
    for (size_t i = 0; i < dbc_message_count(db); i++) {
        const struct catalog_message entry = {.message = dbc_message_at(db, i),
                                              .layout = PAYLOAD_LAYOUT_MESSAGE};
        catalog_write_message(w, &entry);
    }
    payload_catalog_bus_end(w);
    payload_catalog_end(w);
}

/* 0 or -errno. Nobody knows how long it is before it is written. */
static int print_catalog(const struct dbc_database *db, const char *bus)
{
    int r = -EMSGSIZE;
    for (size_t size = TEXT_MIN_BYTES; r == -EMSGSIZE && size <= TEXT_MAX_BYTES; size *= 4) {
        char *text = malloc(size);
        struct json_writer w;
        size_t length;
        if (text == NULL) {
            return -ENOMEM;
        }
        json_writer_init(&w, text, size);
        write_catalog(&w, db, bus);
        r = json_writer_finish(&w, &length);
        if (r == 0) {
            r = printf("%s\n", text) < 0 || fflush(stdout) != 0 ? -EIO : 0;
        }
        free(text);
    }
    return r;
}

int cmd_catalog(int argc, char **argv)
{
    static const struct option options[] = {{"dbc", required_argument, NULL, 'd'},
                                            {"bus", required_argument, NULL, 'b'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *paths[DBC_FILES_MAX];
    size_t count = 0;
    const char *bus = "can0";
    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (option == 'd' && count < DBC_FILES_MAX) {
            paths[count++] = optarg;
        } else if (option == 'b') {
            bus = optarg;
        } else {
            (void)fputs(help, option == 'h' ? stdout : stderr);
            return option == 'h' ? EXIT_SUCCESS : EXIT_USAGE;
        }
    }
    if (count == 0 || optind < argc) {
        (void)fputs(help, stderr);
        return EXIT_USAGE;
    }
    struct dbc_database *db = dbc_files_load(paths, count);
    if (db == NULL) {
        return EXIT_FAULT; /* it was said why */
    }
    int r = print_catalog(db, bus);
    dbc_free(db);
    return r < 0 ? cli_fault("catalog", r) : EXIT_SUCCESS;
}
