/*
 * The section `broker.tls`: with whom, and as whom, the link speaks TLS.
 *
 * The broker's certificate and its host name are always checked; there is no switch against it. A
 * broker with a certificate of its own making is trusted by naming that certificate as `ca`.
 */
#ifndef EDGE_COMMON_TLS_CONFIG_H
#define EDGE_COMMON_TLS_CONFIG_H

#include "common/attributes.h"
#include "common/config.h"

enum tls_version {
    TLS_VERSION_1_2,
    TLS_VERSION_1_3
};

/* Files in PEM form; NULL = not given. */
struct tls_config {
    const char *ca;           /* whose certificates are believed; NULL = the system's store */
    const char *crl;          /* revoked certificates of that CA */
    const char *certificate;  /* shown to the broker, with what leads to its CA */
    const char *key;          /* of the certificate */
    const char *key_password; /* where the key is encrypted */
    const char *server_name;  /* in the broker's certificate; NULL = the address */
    enum tls_version min_version;
};

extern const struct config_section tls_config_schema;

/* Reads the files: whether each is what it should be and fits the others. Dates that are past or
 * near, and a key that everybody may read, are warnings: a machine whose clock is wrong after a
 * power cut must start all the same. */
void tls_config_check(const struct config *file, const struct tls_config *tls,
                      struct diagnostics *d);

/* A copy that owns its texts; NULL when out of memory. */
EDGE_MUST_CHECK struct tls_config *tls_config_copy(const struct tls_config *tls);
void tls_config_free(struct tls_config *tls);

#endif
