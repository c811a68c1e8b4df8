/*
 * Any bytes as a line for `edge-gateway encode`: the reader must end and stay inside the text, and
 * a line that is encoded must be candump text whose frame the DBC knows.
 */
#include "edge-gateway/app/encode_line.h"
#include "edge-gateway/app/json_reader.h"
#include "edge-gateway/dbc/dbc.h"
#include "tests/fuzz/fuzz.h"

/* What a line can ask for: scales, ranges, labels, floats, multiplexors, a group, FD, more than 64
 * bits. */
static const char dbc_text[] =
    "BO_ 1 M: 8 X\n SG_ temp : 0|16@1- (0.1,-40) [-40|100] \"\" X\n"
    " SG_ mode : 16|4@1+ (1,0) [0|3] \"\" X\n SG_ big : 24|40@0- (1e-3,1) [0|0] \"\" X\n"
    "BO_ 2 F: 16 X\n SG_ f : 0|32@1- (1,0) [0|0] \"\" X\n SG_ d : 32|64@1- (2,1) [-5|5] \"\" X\n"
    " SG_ h : 96|16@1- (1,0) [0|0] \"\" X\n"
    "BO_ 3 X: 8 X\n SG_ s M : 0|4@1+ (1,0) [0|0] \"\" X\n SG_ a m0 : 8|8@1+ (1,0) [0|0] \"\" X\n"
    " SG_ b m1 : 8|8@1+ (0,3) [0|0] \"\" X\n"
    "BO_ 2364540158 G: 8 X\n SG_ r : 24|16@1+ (0.125,0) [0|0] \"\" X\n"
    "BO_ 4 W: 16 X\n SG_ w : 0|80@1+ (1,0) [0|0] \"\" X\n"
    "SIG_VALTYPE_ 2 f : 1;\nSIG_VALTYPE_ 2 d : 2;\nSIG_VALTYPE_ 2 h : 1;\n"
    "VAL_ 1 mode 0 \"Off\" 1 \"On\" 15 \"SNA\" ;\n"
    "BA_DEF_ BO_ \"VFrameFormat\" ENUM \"StandardCAN\",\"ExtendedCAN\",\"reserved\",\"J1939PG\";\n"
    "BA_ \"VFrameFormat\" BO_ 2364540158 3;\n";

static void check_span(const char *buffer, size_t size, const char *text, size_t length)
{
    require(text >= buffer && text + length <= buffer + size);
}

static void read_value(struct json_reader *json, const char *buffer, size_t size)
{
    const char *string;
    struct json_number number;
    bool boolean;
    switch (json_reader_kind(json)) {
    case JSON_STRING:
        if (json_reader_string(json, &string)) {
            check_span(buffer, size, string, strlen(string));
        }
        break;
    case JSON_NUMBER:
        if (json_reader_number(json, &number)) {
            check_span(buffer, size, number.text, number.length);
        }
        break;
    case JSON_BOOLEAN:
        (void)json_reader_boolean(json, &boolean);
        break;
    case JSON_NONE:
    case JSON_NULL:
    case JSON_OBJECT:
    case JSON_ARRAY:
        json_reader_skip(json);
        break;
    }
}

static void check_reader(const uint8_t *data, size_t size)
{
    char *buffer = fuzz_text(data, size);
    struct json_reader json;
    const char *key;
    json_reader_init(&json, buffer, size);
    for (json_reader_open(&json); json_reader_member(&json, &key);) {
        check_span(buffer, size, key, strlen(key));
        read_value(&json, buffer, size);
    }
    require(json.at <= json.end);
    require(!json_reader_done(&json) || json.error == NULL);
    free(buffer);
}

/* Made once: they do not change from line to line, and are large. */
struct target {
    struct dbc_database *db;
    struct encode_line *lenient; /* any value that the bits hold */
    struct encode_line *strict;
};

static struct target make_target(void)
{
    struct target target = {.db = dbc_new()};
    struct diagnostics *d = diagnostics_new(1);
    require(target.db != NULL && d != NULL);
    require(dbc_load_text(target.db, "fuzz.dbc", dbc_text, strlen(dbc_text), d) == 0);
    target.lenient = encode_line_new(target.db, true);
    target.strict = encode_line_new(target.db, false);
    require(target.lenient != NULL && target.strict != NULL);
    diagnostics_free(d);
    return target;
}

static void check_encode(const struct dbc_database *db, struct encode_line *encoder,
                         const uint8_t *data, size_t size)
{
    char *buffer = fuzz_text(data, size);
    char text[CANDUMP_TEXT_MAX];
    struct log_line line;
    size_t length = encode_line_run(encoder, buffer, size, text);
    if (length > 0) {
        require(encode_line_error(encoder)[0] == '\0');
        require(length < sizeof(text) && length == strlen(text));
        require(candump_parse(text, length, &line) == LOG_FRAME);
        require(dbc_find_by_id(db, line.frame.can_id, (line.frame.flags & FRAME_EXTENDED) != 0) !=
                NULL);
    }
    free(buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct target target;
    if (target.db == NULL) {
        target = make_target();
    }
    check_reader(data, size);
    check_encode(target.db, target.lenient, data, size);
    check_encode(target.db, target.strict, data, size);
    return 0;
}
