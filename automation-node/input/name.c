#include "automation-node/input/name.h"

#include <errno.h>
#include <string.h>

int name_copy(const char *text, size_t size, char *ret)
{
    if (text == NULL || text[0] == '\0') {
        return -EINVAL;
    }
    size_t length = strlen(text);
    if (length >= size) {
        return -ENAMETOOLONG;
    }
    memcpy(ret, text, length + 1);
    return 0;
}
