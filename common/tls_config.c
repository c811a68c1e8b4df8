#include "common/tls_config.h"

#include "common/tls_files.h"

#include <openssl/x509v3.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define FAULT_MAX_BYTES 1024
#define SOON_S          (30 * 24 * 3600)
#define DAY_S           (24 * 3600)

static const struct config_name version_names[] = {
    {"1.2", TLS_VERSION_1_2},
    {"1.3", TLS_VERSION_1_3},
    {NULL, 0},
};

static const struct config_key tls_keys[] = {
    {.name = "ca",
     .type = CONFIG_PATH,
     CONFIG_FIELD(struct tls_config, ca),
     .help = "file of the CA that signed the broker's certificate; the system's store if absent"},
    {.name = "crl",
     .type = CONFIG_PATH,
     CONFIG_FIELD(struct tls_config, crl),
     .help = "file of the certificates that this CA has revoked"},
    {.name = "certificate",
     .type = CONFIG_PATH,
     CONFIG_FIELD(struct tls_config, certificate),
     .help = "file of the certificate that the broker is shown"},
    {.name = "key",
     .type = CONFIG_PATH,
     CONFIG_FIELD(struct tls_config, key),
     .help = "file of its private key"},
    {.name = "key_password",
     .type = CONFIG_STRING,
     CONFIG_FIELD(struct tls_config, key_password),
     .flags = CONFIG_SECRET,
     .max = "1023",
     .help = "of an encrypted key, or file:/path"},
    {.name = "server_name",
     .type = CONFIG_STRING,
     CONFIG_FIELD(struct tls_config, server_name),
     .max = "253",
     .help = "name in the broker's certificate; the address if absent"},
    {.name = "min_version",
     .type = CONFIG_ENUM,
     CONFIG_FIELD(struct tls_config, min_version),
     .names = version_names,
     .fallback = "1.2",
     .help = "oldest version of TLS that is taken"},
    {.name = NULL},
};

const struct config_section tls_config_schema = CONFIG_STRUCT(struct tls_config, tls_keys);

/* All the texts of the section, for copying and comparing. */
static const size_t texts[] = {
    offsetof(struct tls_config, ca),           offsetof(struct tls_config, crl),
    offsetof(struct tls_config, certificate),  offsetof(struct tls_config, key),
    offsetof(struct tls_config, key_password), offsetof(struct tls_config, server_name),
};
#define TEXT_COUNT (sizeof(texts) / sizeof(texts[0]))

static const char *text_at(const struct tls_config *tls, size_t offset)
{
    return *(const char *const *)(const void *)((const char *)tls + offset);
}

struct check {
    const struct config *file;
    const struct tls_config *tls;
    struct diagnostics *d;
    SSL_CTX *context;
    int64_t now_s;
};

static const char *const *field_of(const struct tls_config *tls, enum tls_part part)
{
    const char *const *const fields[] = {
        [TLS_PART_CA] = &tls->ca,
        [TLS_PART_CRL] = &tls->crl,
        [TLS_PART_CERTIFICATE] = &tls->certificate,
        [TLS_PART_KEY] = &tls->key,
    };
    return fields[part];
}

static void load_all(struct check *c)
{
    struct buf fault;
    buf_init(&fault, FAULT_MAX_BYTES);
    for (enum tls_part part = TLS_PART_CA; part < TLS_PART_COUNT; part++) {
        buf_reset(&fault);
        if (tls_files_load(c->context, c->tls, part, &fault) < 0) {
            config_report(c->file, field_of(c->tls, part), c->d, SEVERITY_ERROR, "%s",
                          fault.length > 0 ? fault.data : "out of memory");
        }
    }
    buf_deinit(&fault);
}

static void check_pair(const struct check *c)
{
    if ((c->tls->certificate != NULL) == (c->tls->key != NULL)) {
        return;
    }
    bool lone_key = c->tls->key != NULL;
    config_report(c->file, lone_key ? &c->tls->key : &c->tls->certificate, c->d, SEVERITY_ERROR,
                  lone_key ? "a key needs the certificate that it belongs to"
                           : "a certificate needs its key");
}

static void check_dates(const struct check *c, enum tls_part part, struct tls_dates dates)
{
    const char *const *field = field_of(c->tls, part);
    char text[TLS_DATE_SIZE];
    if (dates.until_s == 0) {
        return;
    }
    if (dates.until_s <= c->now_s) {
        config_report(c->file, field, c->d, SEVERITY_WARNING, "%s expired on %s", *field,
                      tls_date_text(dates.until_s, text));
    } else if (dates.from_s > c->now_s) {
        config_report(c->file, field, c->d, SEVERITY_WARNING,
                      "%s is valid only from %s on: is the clock of this machine right?", *field,
                      tls_date_text(dates.from_s, text));
    } else if (dates.until_s - c->now_s < SOON_S && part != TLS_PART_CRL) {
        config_report(c->file, field, c->d, SEVERITY_WARNING, "%s expires on %s, in %d days",
                      *field, tls_date_text(dates.until_s, text),
                      (int)((dates.until_s - c->now_s) / DAY_S));
    }
}

static void check_key_mode(const struct check *c)
{
    struct stat st;
    if (c->tls->key != NULL && stat(c->tls->key, &st) == 0 && (st.st_mode & S_IRWXO) != 0) {
        config_report(c->file, &c->tls->key, c->d, SEVERITY_WARNING,
                      "everybody on this machine may use %s: chmod o= it", c->tls->key);
    }
}

static void check_purpose(const struct check *c)
{
    X509 *own = SSL_CTX_get0_certificate(c->context);
    if (own != NULL && X509_check_purpose(own, X509_PURPOSE_SSL_CLIENT, 0) != 1) {
        config_report(c->file, &c->tls->certificate, c->d, SEVERITY_WARNING,
                      "%s is not for clients: a broker may refuse it", c->tls->certificate);
    }
}

void tls_config_check(const struct config *file, const struct tls_config *tls,
                      struct diagnostics *d)
{
    struct check c = {file, tls, d, tls_context_new(tls->min_version), (int64_t)time(NULL)};
    check_pair(&c);
    if (c.context == NULL) {
        config_report(file, tls, d, SEVERITY_ERROR, "TLS cannot be used: out of memory");
        return;
    }
    load_all(&c);
    if (tls->ca != NULL) {
        check_dates(&c, TLS_PART_CA, tls_dates_of_ca(c.context));
    }
    check_dates(&c, TLS_PART_CRL, tls_dates_of_crl(c.context));
    check_dates(&c, TLS_PART_CERTIFICATE, tls_dates_of(SSL_CTX_get0_certificate(c.context)));
    check_purpose(&c);
    check_key_mode(&c);
    SSL_CTX_free(c.context);
}

struct tls_config *tls_config_copy(const struct tls_config *tls)
{
    struct tls_config *copy = calloc(1, sizeof(*copy));
    if (copy == NULL) {
        return NULL;
    }
    copy->min_version = tls->min_version;
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        const char *text = text_at(tls, texts[i]);
        char *own = text != NULL ? strdup(text) : NULL;
        *(const char **)(void *)((char *)copy + texts[i]) = own;
        if (text != NULL && own == NULL) {
            tls_config_free(copy);
            return NULL;
        }
    }
    return copy;
}

void tls_config_free(struct tls_config *tls)
{
    if (tls == NULL) {
        return;
    }
    if (tls->key_password != NULL) {
        explicit_bzero((char *)tls->key_password, strlen(tls->key_password));
    }
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        free((char *)text_at(tls, texts[i]));
    }
    free(tls);
}
