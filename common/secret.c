#include "common/secret.h"

#include "common/file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

const char *secret_path(const char *text)
{
    static const char prefix[] = "file:";
    size_t length = sizeof(prefix) - 1;
    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

static size_t without_newline(const char *text, size_t length)
{
    if (length > 0 && text[length - 1] == '\n') {
        length--;
        if (length > 0 && text[length - 1] == '\r') {
            length--;
        }
    }
    return length;
}

int secret_read(const char *path, struct buf *out, bool *ret_exposed)
{
    struct buf file;
    buf_init(&file, SECRET_MAX_BYTES + 1);
    mode_t mode;
    int r = file_read(path, SECRET_MAX_BYTES, &file, &mode);
    if (r < 0) {
        goto out;
    }
    size_t length = without_newline(file.data, file.length);
    if (length == 0 || memchr(file.data, '\0', length) != NULL) {
        r = length == 0 ? -ENODATA : -EILSEQ;
        goto out;
    }
    buf_append(out, file.data, length);
    *ret_exposed = (mode & S_IROTH) != 0;
out:
    if (file.data != NULL) {
        explicit_bzero(file.data, file.size);
    }
    buf_deinit(&file);
    return r;
}

void secret_explain(int error, struct buf *out)
{
    switch (error) {
    case -EFBIG:
        buf_printf(out, "is larger than %d bytes", SECRET_MAX_BYTES);
        break;
    case -ENODATA:
        buf_puts(out, "is empty");
        break;
    case -EILSEQ:
        buf_puts(out, "holds a NUL byte");
        break;
    default:
        buf_printf(out, "cannot be read: %s", strerror(-error));
    }
}
