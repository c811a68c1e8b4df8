/* How this program was built. cmake/build_facts.c.in is the definition; it is linked into the
 * daemons alone, so that a commit links two programs anew and no test. Nothing in it depends on
 * when or where it was built. */
#ifndef EDGE_COMMON_BUILD_FACTS_H
#define EDGE_COMMON_BUILD_FACTS_H

struct build_facts {
    const char *version;    /* "0.1.0" */
    const char *commit;     /* "7d9acc6f2b1c 2026-11-26T13:20:11Z", "-dirty" behind the hash of a
                               changed tree;     empty when not built from a git checkout */
    const char *compiler;   /* "GNU 12.2.0" */
    const char *processor;  /* "x86_64" */
    const char *build_type; /* "Release, link-time optimisation" */
    const char *sanitizers; /* "address, undefined"; empty without */
    const char *libyaml;    /* the version of its headers, which do not say it themselves */
};

extern const struct build_facts build_facts;

#endif
