#include "common/tls_files.h"

#include "common/file.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#define FILE_MAX_BYTES (4u * 1024u * 1024u) /* lists of revoked certificates grow */

/* One file in memory, and what is loaded from it into where. */
struct loader {
    SSL_CTX *context;
    const struct tls_config *tls;
    const char *path;
    BIO *text;
    bool encrypted; /* a word of the text says so */
    struct buf *fault;
};

static int refuse(const struct loader *l, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    buf_printf(l->fault, "%s %s%s%s", l->path, what, reason != NULL ? ": " : "",
               reason != NULL ? reason : "");
    ERR_clear_error();
    return -EINVAL;
}

/* After the last object of a PEM file: true unless something in it was broken. */
static bool ended_well(void)
{
    unsigned long error = ERR_peek_last_error();
    bool at_end = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
    if (at_end) {
        ERR_clear_error();
    }
    return at_end;
}

static int load_ca(struct loader *l)
{
    X509_STORE *store = SSL_CTX_get_cert_store(l->context);
    size_t count = 0;
    for (X509 *one; (one = PEM_read_bio_X509(l->text, NULL, NULL, NULL)) != NULL; count++) {
        int added = X509_STORE_add_cert(store, one);
        X509_free(one);
        if (added != 1) {
            return refuse(l, "cannot be used");
        }
    }
    if (!ended_well()) {
        return refuse(l, "holds a broken certificate");
    }
    /* What the operator names is trusted, be it a root, a lower CA or the broker's certificate. */
    (void)X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    return count > 0 ? 0 : refuse(l, "holds no certificate in PEM form");
}

static int load_crl(struct loader *l)
{
    X509_STORE *store = SSL_CTX_get_cert_store(l->context);
    size_t count = 0;
    for (X509_CRL *one; (one = PEM_read_bio_X509_CRL(l->text, NULL, NULL, NULL)) != NULL; count++) {
        int added = X509_STORE_add_crl(store, one);
        X509_CRL_free(one);
        if (added != 1) {
            return refuse(l, "cannot be used");
        }
    }
    if (!ended_well()) {
        return refuse(l, "holds a broken list");
    }
    (void)X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
    return count > 0 ? 0 : refuse(l, "holds no list of revoked certificates in PEM form");
}

/* Ours first, then what leads to the CA. */
static int load_certificate(struct loader *l)
{
    size_t count = 0;
    for (X509 *one; (one = PEM_read_bio_X509(l->text, NULL, NULL, NULL)) != NULL; count++) {
        long taken = count == 0 ? SSL_CTX_use_certificate(l->context, one)
                                : SSL_CTX_add1_chain_cert(l->context, one);
        X509_free(one);
        if (taken != 1) {
            return refuse(l, "cannot be used");
        }
    }
    if (!ended_well()) {
        return refuse(l, "holds a broken certificate");
    }
    return count > 0 ? 0 : refuse(l, "holds no certificate in PEM form");
}

/* Never asks a terminal: without a password there is none. */
static int give_password(char *text, int size, int writing, void *context)
{
    const char *password = context;
    size_t length = password != NULL ? strlen(password) : 0;
    (void)writing;
    if (length > (size_t)size) {
        return -1;
    }
    if (length > 0) {
        memcpy(text, password, length);
    }
    return (int)length;
}

static int refuse_key(const struct loader *l)
{
    if (!l->encrypted) {
        return refuse(l, "holds no private key that can be read");
    }
    ERR_clear_error();
    return refuse(l, l->tls->key_password != NULL
                         ? "cannot be decrypted: is broker.tls.key_password right?"
                         : "is encrypted: broker.tls.key_password is missing");
}

static int load_key(struct loader *l)
{
    EVP_PKEY *key =
        PEM_read_bio_PrivateKey(l->text, NULL, give_password, (void *)l->tls->key_password);
    if (key == NULL) {
        return refuse_key(l);
    }
    const X509 *certificate = SSL_CTX_get0_certificate(l->context);
    bool fits = certificate == NULL || X509_check_private_key(certificate, key) == 1;
    bool taken = fits && SSL_CTX_use_PrivateKey(l->context, key) == 1;
    EVP_PKEY_free(key);
    if (!fits) {
        ERR_clear_error();
        return refuse(l, "is not the key of that certificate");
    }
    return taken ? 0 : refuse(l, "cannot be used");
}

static const char *path_of(const struct tls_config *tls, enum tls_part part)
{
    const char *const paths[] = {
        [TLS_PART_CA] = tls->ca,
        [TLS_PART_CRL] = tls->crl,
        [TLS_PART_CERTIFICATE] = tls->certificate,
        [TLS_PART_KEY] = tls->key,
    };
    return paths[part];
}

static int load_text(struct loader *l, enum tls_part part, const struct buf *file)
{
    static int (*const loaders[])(struct loader *) = {
        [TLS_PART_CA] = load_ca,
        [TLS_PART_CRL] = load_crl,
        [TLS_PART_CERTIFICATE] = load_certificate,
        [TLS_PART_KEY] = load_key,
    };
    l->text = BIO_new_mem_buf(file->length > 0 ? file->data : "", (int)file->length);
    if (l->text == NULL) {
        return -ENOMEM;
    }
    l->encrypted = file->length > 0 && strstr(file->data, "ENCRYPTED") != NULL;
    ERR_clear_error();
    int r = loaders[part](l);
    BIO_free(l->text);
    return r;
}

static int load_system_store(SSL_CTX *context, struct buf *fault)
{
    if (SSL_CTX_set_default_verify_paths(context) != 1) {
        buf_puts(fault, "the system's store of certificates cannot be used");
        return -EINVAL;
    }
    return 0;
}

int tls_files_load(SSL_CTX *context, const struct tls_config *tls, enum tls_part part,
                   struct buf *fault)
{
    struct loader l = {.context = context, .tls = tls, .path = path_of(tls, part), .fault = fault};
    if (l.path == NULL) {
        return part == TLS_PART_CA ? load_system_store(context, fault) : 0;
    }
    struct buf file;
    buf_init(&file, FILE_MAX_BYTES + 1);
    int r = file_read(l.path, FILE_MAX_BYTES, &file, NULL);
    if (r == -EFBIG) {
        buf_printf(fault, "%s is larger than %u MiB", l.path, FILE_MAX_BYTES >> 20);
        r = -EINVAL;
    } else if (r < 0 && r != -ENOMEM) {
        buf_printf(fault, "%s cannot be read: %s", l.path, strerror(-r));
        r = -EINVAL;
    } else if (r == 0) {
        r = load_text(&l, part, &file);
    }
    if (file.data != NULL) {
        explicit_bzero(file.data, file.size);
    }
    buf_deinit(&file);
    return r;
}

SSL_CTX *tls_context_new(enum tls_version min_version)
{
    static const int versions[] = {
        [TLS_VERSION_1_2] = TLS1_2_VERSION, [TLS_VERSION_1_3] = TLS1_3_VERSION};
    /* A thread that still connects when the program ends must find OpenSSL as it was. This is its
     * first use here, which alone can say so. */
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (context == NULL) {
        return NULL;
    }
    if (SSL_CTX_set_min_proto_version(context, versions[min_version]) != 1) {
        SSL_CTX_free(context);
        return NULL;
    }
    (void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    (void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    return context;
}

static int64_t seconds_of(const ASN1_TIME *time)
{
    struct tm broken = {0};
    return time != NULL && ASN1_TIME_to_tm(time, &broken) == 1 ? (int64_t)timegm(&broken) : 0;
}

struct tls_dates tls_dates_of(const X509 *certificate)
{
    if (certificate == NULL) {
        return (struct tls_dates){0};
    }
    return (struct tls_dates){seconds_of(X509_get0_notBefore(certificate)),
                              seconds_of(X509_get0_notAfter(certificate))};
}

struct tls_dates tls_dates_of_ca(SSL_CTX *context)
{
    struct tls_dates last = {0};
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context));
    for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
        struct tls_dates one =
            tls_dates_of(X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i)));
        last = one.until_s > last.until_s ? one : last;
    }
    return last;
}

struct tls_dates tls_dates_of_crl(SSL_CTX *context)
{
    struct tls_dates first = {0};
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context));
    for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
        X509_CRL *crl = X509_OBJECT_get0_X509_CRL(sk_X509_OBJECT_value(objects, i));
        if (crl == NULL) {
            continue;
        }
        struct tls_dates one = {seconds_of(X509_CRL_get0_lastUpdate(crl)),
                                seconds_of(X509_CRL_get0_nextUpdate(crl))};
        first = first.until_s == 0 || one.until_s < first.until_s ? one : first;
    }
    return first;
}

const char *tls_date_text(int64_t time_s, char *text)
{
    struct tm broken;
    time_t time = (time_t)time_s;
    if (gmtime_r(&time, &broken) == NULL ||
        strftime(text, TLS_DATE_SIZE, "%Y-%m-%d %H:%M UTC", &broken) == 0) {
        text[0] = '\0';
    }
    return text;
}
