#include "edge-gateway/statistics/sample.h"

#include <stdlib.h>
#include <string.h>

static void thin(struct sample *sample)
{
    for (size_t i = 0; i < SAMPLE_VALUES / 2; i++) {
        sample->values[i] = sample->values[2 * i];
    }
    sample->count = SAMPLE_VALUES / 2;
    sample->stride *= 2;
}

void sample_add(struct sample *sample, double value)
{
    sample->stride = sample->stride == 0 ? 1 : sample->stride;
    if (sample->seen++ % sample->stride != 0) {
        return;
    }
    if (sample->count == SAMPLE_VALUES) {
        thin(sample); /* the stride before divides the new one: this value is still one of them */
    }
    sample->values[sample->count++] = value;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

double sample_quantile(const struct sample *sample, double fraction)
{
    double sorted[SAMPLE_VALUES];
    if (sample->count == 0) {
        return 0.0;
    }
    memcpy(sorted, sample->values, sample->count * sizeof(double));
    qsort(sorted, sample->count, sizeof(double), compare);
    return sorted[(size_t)(fraction * (double)(sample->count - 1))];
}
