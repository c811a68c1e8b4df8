#include "tests/memory/memory_plan.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define RUNS_DEFAULT     40
#define FINDINGS_DEFAULT 5

/* ---- the command line ------------------------------------------------------------------- */

bool memory_options_parse(int argc, char **argv, struct memory_options *ret)
{
    static const struct option table[] = {
        {"all", no_argument, NULL, 'a'},
        {"sites", no_argument, NULL, 'p'},
        {"seed", required_argument, NULL, 's'},
        {"runs", required_argument, NULL, 'r'},
        {"from", required_argument, NULL, 'f'},
        {"only", required_argument, NULL, 'o'},
        {"findings", required_argument, NULL, 'n'},
        {NULL, 0, NULL, 0},
    };
    struct memory_options options = {.seed = (unsigned)time(NULL) ^ (unsigned)getpid(),
                                     .runs = RUNS_DEFAULT,
                                     .findings_max = FINDINGS_DEFAULT};
    for (int option; (option = getopt_long(argc, argv, "", table, NULL)) != -1;) {
        unsigned long number = optarg != NULL ? strtoul(optarg, NULL, 10) : 0;
        switch (option) {
        case 'a':
            options.all = true;
            break;
        case 'p':
            options.sites = true;
            break;
        case 's':
            options.seed = (unsigned)number;
            break;
        case 'r':
            options.runs = number > 0 ? number : 1;
            break;
        case 'f':
            options.from = number;
            break;
        case 'o':
            options.only = number;
            break;
        case 'n':
            options.findings_max = number;
            break;
        default:
            return false;
        }
    }
    *ret = options;
    return true;
}

/* ---- by number -------------------------------------------------------------------------- */

static void plan_numbers(const struct memory_options *options, uint64_t count,
                         struct memory_plan *plan)
{
    uint64_t step = options->all || count <= options->runs ? 1 : count / options->runs;
    uint64_t first = options->from > 0 ? options->from : 1 + options->seed % step;
    for (uint64_t number = first; number <= count; number += step) {
        plan->steps[plan->count++] =
            (struct memory_step){.number = number, .failure = {.number = number}};
    }
}

/* ---- by place --------------------------------------------------------------------------- */

struct sighting {
    uint64_t site;
    uint64_t number;
};

static int compare_sightings(const void *a, const void *b)
{
    const struct sighting *one = a;
    const struct sighting *other = b;
    if (one->site != other->site) {
        return one->site < other->site ? -1 : 1;
    }
    return (one->number > other->number) - (one->number < other->number);
}

static int compare_steps(const void *a, const void *b)
{
    const struct memory_step *one = a;
    const struct memory_step *other = b;
    return (one->number > other->number) - (one->number < other->number);
}

static void plan_sighting(const struct sighting *seen, uint64_t turn, uint64_t from,
                          struct memory_plan *plan)
{
    if (seen->number >= from) {
        plan->steps[plan->count++] = (struct memory_step){
            .number = seen->number, .failure = {.site = seen->site, .turn = turn}};
    }
}

static int plan_sites(const struct memory_options *options, const struct memory_account *usual,
                      size_t count, struct memory_plan *plan)
{
    struct sighting *seen = calloc(count, sizeof(*seen));
    if (seen == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        seen[i] = (struct sighting){.site = usual->sites[i], .number = i + 1};
    }
    qsort(seen, count, sizeof(*seen), compare_sightings);
    for (size_t first = 0, after; first < count; first = after) {
        for (after = first + 1; after < count && seen[after].site == seen[first].site; after++) {
        }
        plan->sites++;
        plan_sighting(&seen[first], 1, options->from, plan);
        if (after - first > 1) {
            plan_sighting(&seen[after - 1], after - first, options->from, plan);
        }
    }
    free(seen);
    qsort(plan->steps, plan->count, sizeof(*plan->steps), compare_steps);
    return 0;
}

int memory_plan_make(const struct memory_options *options, const struct memory_account *usual,
                     struct memory_plan *ret)
{
    uint64_t count = atomic_load(&usual->allocations);
    if (options->sites && count > MEMORY_SITES_MAX) {
        return -EOVERFLOW;
    }
    struct memory_plan plan = {.steps = calloc(count, sizeof(*plan.steps))};
    int error = plan.steps == NULL ? -ENOMEM : 0;
    if (error == 0 && options->sites) {
        error = plan_sites(options, usual, count, &plan);
    } else if (error == 0) {
        plan_numbers(options, count, &plan);
    }
    if (error < 0) {
        memory_plan_deinit(&plan);
        return error;
    }
    *ret = plan;
    return 0;
}

void memory_plan_deinit(struct memory_plan *plan)
{
    free(plan->steps);
    *plan = (struct memory_plan){0};
}
