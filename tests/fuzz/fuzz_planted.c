/* A target with a bug, so that test_fuzz.py can see a finding being reported. */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    require(size < 3 || memcmp(data, "bug", 3) != 0);
    return 0;
}
