/*
 * The files of `broker.tls` into an OpenSSL context, one by one, and what they say of themselves.
 * Reading them may block.
 */
#ifndef EDGE_COMMON_TLS_FILES_H
#define EDGE_COMMON_TLS_FILES_H

#include "common/attributes.h"
#include "common/buf.h"
#include "common/tls_config.h"

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

/* In the order in which they are loaded: a key is compared with the certificate. */
enum tls_part {
    TLS_PART_CA,
    TLS_PART_CRL,
    TLS_PART_CERTIFICATE,
    TLS_PART_KEY
};
#define TLS_PART_COUNT (TLS_PART_KEY + 1)

/* A client's, with nothing loaded, that refuses whatever it cannot check; NULL when out of memory.
 */
EDGE_MUST_CHECK SSL_CTX *tls_context_new(enum tls_version min_version);

/* Loads one file; one that is not given is no mistake. 0; -EINVAL: `fault` says what is wrong,
 * "FILE
 * ..."; -ENOMEM. */
EDGE_MUST_CHECK int tls_files_load(SSL_CTX *context, const struct tls_config *tls,
                                   enum tls_part part, struct buf *fault);

/* Seconds since 1970; 0 = not known. */
struct tls_dates {
    int64_t from_s;
    int64_t until_s;
};

/* Of a certificate; NULL has none. */
struct tls_dates tls_dates_of(const X509 *certificate);

/* Of the CA's certificate that lasts longest, and of the list of revoked ones that ends first. */
struct tls_dates tls_dates_of_ca(SSL_CTX *context);
struct tls_dates tls_dates_of_crl(SSL_CTX *context);

#define TLS_DATE_SIZE 32

/* "2026-11-26 14:05 UTC" into `text` of TLS_DATE_SIZE bytes; returns it. */
const char *tls_date_text(int64_t time_s, char *text);

#endif
