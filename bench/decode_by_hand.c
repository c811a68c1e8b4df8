/*
 * What bench/decode compares `edge-gateway decode` with: the same work for the one DBC file of the
 * benchmark, written by hand. Its parser knows the one form of line, its shifts are constants, its
 * texts are literals; it checks nothing but the shape of a line.
 *
 * usage: decode_by_hand read|sum|ndjson LOG
 *
 *   read     reads the log and does nothing with it
 *   sum      decodes the ten signals and prints the sum of their raw values on stderr
 *   ndjson   prints what `edge-gateway decode` prints
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_BYTES ((size_t)256 << 10)
#define LINE_MAX    1024 /* of the output; the longest has some 500 bytes */
#define ID          0x123

struct line {
    const char *stamp; /* "1700000000.000000" */
    const char *bus;
    size_t bus_length;
    uint64_t payload; /* eight bytes, the first one lowest */
};

struct output {
    char *buffer; /* BLOCK_BYTES and a line */
    char *at;
};

static const uint8_t nibbles[256] = {
    ['0'] = 0,  ['1'] = 1,  ['2'] = 2,  ['3'] = 3,  ['4'] = 4,  ['5'] = 5,  ['6'] = 6,  ['7'] = 7,
    ['8'] = 8,  ['9'] = 9,  ['A'] = 10, ['B'] = 11, ['C'] = 12, ['D'] = 13, ['E'] = 14, ['F'] = 15,
    ['a'] = 10, ['b'] = 11, ['c'] = 12, ['d'] = 13, ['e'] = 14, ['f'] = 15};

static const char pairs[] = "0001020304050607080910111213141516171819"
                            "2021222324252627282930313233343536373839"
                            "4041424344454647484950515253545556575859"
                            "6061626364656667686970717273747576777879"
                            "8081828384858687888990919293949596979899";

#define PUT(at, literal) (memcpy((at), (literal), sizeof(literal) - 1), (at) + sizeof(literal) - 1)

static unsigned hex(const char *at)
{
    return (unsigned)nibbles[(unsigned char)at[0]] << 4 | nibbles[(unsigned char)at[1]];
}

/* "(1700000000.000000) can0 123#91B7584A2265B1F5"; 0 if the line is anything else. */
static int parse(const char *text, const char *end, struct line *ret)
{
    if (end - text < 40 || text[0] != '(' || text[11] != '.' || text[18] != ')') {
        return 0;
    }
    const char *space = memchr(text + 20, ' ', (size_t)(end - text - 20));
    if (space == NULL || end - space != 21 || space[4] != '#') {
        return 0;
    }
    if ((hex(space + 1) << 4 | nibbles[(unsigned char)space[3]]) != ID) {
        return 0;
    }
    uint64_t payload = 0;
    for (int i = 7; i >= 0; i--) {
        payload = payload << 8 | hex(space + 5 + (size_t)i * 2);
    }
    *ret = (struct line){text + 1, text + 20, (size_t)(space - text - 20), payload};
    return 1;
}

static unsigned bits(uint64_t payload, unsigned start, unsigned length)
{
    return (unsigned)(payload >> start) & ((1u << length) - 1);
}

/* The twelve bits of Torque, which is signed. */
static int torque(uint64_t payload)
{
    return (int)(bits(payload, 16, 12) ^ 0x800u) - 0x800;
}

static char *put_unsigned(char *at, unsigned value)
{
    if (value >= 10000) {
        *at++ = (char)('0' + value / 10000);
        value %= 10000;
        memcpy(at, pairs + value / 100 * 2, 2);
        memcpy(at + 2, pairs + value % 100 * 2, 2);
        return at + 4;
    }
    if (value >= 1000) {
        memcpy(at, pairs + value / 100 * 2, 2);
        memcpy(at + 2, pairs + value % 100 * 2, 2);
        return at + 4;
    }
    if (value >= 100) {
        *at++ = (char)('0' + value / 100);
        memcpy(at, pairs + value % 100 * 2, 2);
        return at + 2;
    }
    if (value >= 10) {
        memcpy(at, pairs + value * 2, 2);
        return at + 2;
    }
    *at = (char)('0' + value);
    return at + 1;
}

static char *put_signed(char *at, int value)
{
    if (value < 0) {
        *at++ = '-';
        value = -value;
    }
    return put_unsigned(at, (unsigned)value);
}

/* Tenths, without a zero behind the point. */
static char *put_tenths(char *at, int value)
{
    if (value < 0) {
        *at++ = '-';
        value = -value;
    }
    at = put_unsigned(at, (unsigned)value / 10);
    if (value % 10 != 0) {
        *at++ = '.';
        *at++ = (char)('0' + value % 10);
    }
    return at;
}

static char *put_hundredths(char *at, unsigned value)
{
    unsigned rest = value % 100;
    at = put_unsigned(at, value / 100);
    if (rest == 0) {
        return at;
    }
    *at++ = '.';
    memcpy(at, pairs + rest * 2, 2);
    return at + (rest % 10 == 0 ? 1 : 2);
}

static char *put_line(char *at, const struct line *line)
{
    uint64_t p = line->payload;
    at = PUT(at, "{\"ts\":");
    memcpy(at, line->stamp, 17);
    at = PUT(at + 17, ",\"bus\":\"");
    memcpy(at, line->bus, line->bus_length);
    at = PUT(at + line->bus_length, "\",\"id\":291,\"ext\":false,\"message\":\"Ten\",\"signals\":{"
                                    "\"Speed\":{\"value\":");
    at = put_hundredths(at, bits(p, 0, 16));
    at = put_unsigned(PUT(at, ",\"raw\":"), bits(p, 0, 16));
    at = put_tenths(PUT(at, ",\"unit\":\"km/h\"},\"Torque\":{\"value\":"), torque(p) * 5);
    at = put_signed(PUT(at, ",\"raw\":"), torque(p));
    at = put_signed(PUT(at, ",\"unit\":\"Nm\"},\"Temperature\":{\"value\":"),
                    (int)bits(p, 28, 8) - 40);
    at = put_unsigned(PUT(at, ",\"raw\":"), bits(p, 28, 8));
    at = put_tenths(PUT(at, ",\"unit\":\"°C\"},\"Pressure\":{\"value\":"), (int)bits(p, 36, 8));
    at = put_unsigned(PUT(at, ",\"raw\":"), bits(p, 36, 8));
    at = put_unsigned(PUT(at, ",\"unit\":\"bar\"},\"Gear\":{\"value\":"), bits(p, 44, 4));
    at = put_unsigned(PUT(at, ",\"raw\":"), bits(p, 44, 4));
    at = put_unsigned(PUT(at, "},\"Mode\":{\"value\":"), bits(p, 48, 3));
    at = put_unsigned(PUT(at, ",\"raw\":"), bits(p, 48, 3));
    at = put_unsigned(PUT(at, "},\"Brake\":{\"value\":"), bits(p, 51, 1));
    at = put_unsigned(PUT(at, ",\"raw\":"), bits(p, 51, 1));
    at = put_tenths(PUT(at, "},\"Level\":{\"value\":"), (int)bits(p, 52, 6) * 25);
    at = put_unsigned(PUT(at, ",\"raw\":"), bits(p, 52, 6));
    at = put_unsigned(PUT(at, ",\"unit\":\"%\"},\"Counter\":{\"value\":"), bits(p, 58, 4));
    at = put_unsigned(PUT(at, ",\"raw\":"), bits(p, 58, 4));
    at = put_unsigned(PUT(at, "},\"Flags\":{\"value\":"), bits(p, 62, 2));
    at = put_unsigned(PUT(at, ",\"raw\":"), bits(p, 62, 2));
    return PUT(at, "}}}\n");
}

static int64_t sum_of(const struct line *line)
{
    uint64_t p = line->payload;
    return (int64_t)bits(p, 0, 16) + torque(p) + (int64_t)bits(p, 28, 8) + (int64_t)bits(p, 36, 8) +
           (int64_t)bits(p, 44, 4) + (int64_t)bits(p, 48, 3) + (int64_t)bits(p, 51, 1) +
           (int64_t)bits(p, 52, 6) + (int64_t)bits(p, 58, 4) + (int64_t)bits(p, 62, 2);
}

static void flush(struct output *output)
{
    for (char *from = output->buffer; from < output->at;) {
        ssize_t n = write(STDOUT_FILENO, from, (size_t)(output->at - from));
        if (n < 0) {
            perror("write");
            exit(1);
        }
        from += n;
    }
    output->at = output->buffer;
}

/* Where the lines that are whole end. */
static const char *work(const char *text, const char *end, struct output *output, int64_t *sum)
{
    const char *newline;
    for (; (newline = memchr(text, '\n', (size_t)(end - text))) != NULL; text = newline + 1) {
        struct line line;
        if (!parse(text, newline, &line)) {
            continue;
        }
        if (output == NULL) {
            *sum += sum_of(&line);
            continue;
        }
        if (output->at - output->buffer > (ptrdiff_t)BLOCK_BYTES) {
            flush(output);
        }
        output->at = put_line(output->at, &line);
    }
    return text;
}

static int run(const char *mode, int fd, char *buffer, struct output *output)
{
    int64_t sum = 0;
    size_t used = 0;
    ssize_t n;
    while ((n = read(fd, buffer + used, BLOCK_BYTES - used)) > 0) {
        if (strcmp(mode, "read") == 0) {
            continue;
        }
        const char *end = buffer + used + n;
        const char *rest = work(buffer, end, output, &sum);
        used = (size_t)(end - rest);
        memmove(buffer, rest, used);
    }
    if (output != NULL) {
        flush(output);
    }
    (void)fprintf(stderr, "%lld\n", (long long)sum);
    return n < 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
    int fd = argc == 3 ? open(argv[2], O_RDONLY | O_CLOEXEC) : -1;
    char *buffer = malloc(BLOCK_BYTES);
    struct output output = {.buffer = malloc(BLOCK_BYTES + 2 * LINE_MAX)};
    output.at = output.buffer;
    if (fd < 0 || buffer == NULL || output.buffer == NULL) {
        (void)fprintf(stderr, "usage: decode_by_hand read|sum|ndjson LOG\n");
        return 2;
    }
    int status = run(argv[1], fd, buffer, strcmp(argv[1], "ndjson") == 0 ? &output : NULL);
    free(buffer);
    free(output.buffer);
    (void)close(fd);
    return status;
}
