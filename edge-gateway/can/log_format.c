#include "edge-gateway/can/log_format.h"

#include "edge-gateway/can/candump.h"

#include <string.h>

struct log_form {
    const char *name;
    enum log_result (*parse)(struct log_format *format, const char *line, size_t length,
                             struct log_line *ret);
};

static enum log_result parse_candump(struct log_format *format, const char *line, size_t length,
                                     struct log_line *ret)
{
    (void)format;
    return candump_parse(line, length, ret);
}

static enum log_result parse_asc(struct log_format *format, const char *line, size_t length,
                                 struct log_line *ret)
{
    return asc_parse(&format->asc, line, length, ret);
}

static enum log_result parse_trc(struct log_format *format, const char *line, size_t length,
                                 struct log_line *ret)
{
    return trc_parse(&format->trc, line, length, ret);
}

static const struct log_form forms[] = {
    {"candump text", parse_candump},
    {"Vector ASCII", parse_asc},
    {"PEAK trace", parse_trc},
};
#define FORMS (sizeof(forms) / sizeof(forms[0]))

/* How logs begin that are no text, or none in UTF-8, and what makes such text of them. */
static const struct {
    const char *magic;
    size_t length;
    const char *advice;
} foreigners[] = {
    {"\x1F\x8B", 2, "gzip data: read it through zcat"},
    {"\xFD\x37zXZ", 5, "xz data: read it through xzcat"},
    {"\x28\xB5\x2F\xFD", 4, "zstd data: read it through zstdcat"},
    {"BZh", 3, "bzip2 data: read it through bzcat"},
    {"PK\x03\x04", 4, "a zip archive: read it through unzip -p"},
    {"\xFF\xFE", 2, "UTF-16 text: read it through iconv -f UTF-16 -t UTF-8"},
    {"\xFE\xFF", 2, "UTF-16 text: read it through iconv -f UTF-16 -t UTF-8"},
    {"LOGG", 4, "a binary Vector log (.blf): convert it to .asc"},
    {"MDF ", 4, "a binary measurement (.mf4): convert it to .asc"},
};
#define FOREIGNERS (sizeof(foreigners) / sizeof(foreigners[0]))

/* The first bytes of the log: no text, or a mark that it is UTF-8, which is skipped. */
static void begin(struct log_format *format, const char **line, size_t *length)
{
    static const char utf8_mark[3] = "\xEF\xBB\xBF";
    format->begun = true;
    for (size_t i = 0; i < FOREIGNERS; i++) {
        if (*length >= foreigners[i].length &&
            memcmp(*line, foreigners[i].magic, foreigners[i].length) == 0) {
            format->foreign = foreigners[i].advice;
        }
    }
    if (*length >= sizeof(utf8_mark) && memcmp(*line, utf8_mark, sizeof(utf8_mark)) == 0) {
        *line += sizeof(utf8_mark);
        *length -= sizeof(utf8_mark);
    }
}

/* The first form that reads a frame or a header in the line is the log's. */
static enum log_result recognise(struct log_format *format, const char *line, size_t length,
                                 struct log_line *ret)
{
    bool blank = false;
    for (size_t i = 0; i < FORMS; i++) {
        struct log_format fresh = {.form = &forms[i], .begun = true};
        struct log_line unused;
        enum log_result result = forms[i].parse(&fresh, line, length, &unused);
        if (result == LOG_FRAME || result == LOG_HEADER) {
            *format = (struct log_format){.form = &forms[i], .begun = true};
            return forms[i].parse(format, line, length, ret);
        }
        blank = blank || result == LOG_BLANK;
    }
    return blank ? LOG_BLANK : LOG_MALFORMED;
}

enum log_result log_format_parse(struct log_format *format, const char *line, size_t length,
                                 struct log_line *ret)
{
    if (format->form != NULL) {
        return format->form->parse(format, line, length, ret);
    }
    if (!format->begun) {
        begin(format, &line, &length);
    }
    return format->foreign != NULL ? LOG_FOREIGN : recognise(format, line, length, ret);
}

enum log_result log_format_parse_cut(struct log_format *format, const char *line, size_t length)
{
    if (!format->begun) {
        begin(format, &line, &length);
    }
    return format->foreign != NULL ? LOG_FOREIGN : LOG_MALFORMED;
}

const char *log_format_name(const struct log_format *format)
{
    return format->form != NULL ? format->form->name : "known log";
}

const char *log_format_foreign(const struct log_format *format)
{
    return format->foreign;
}
