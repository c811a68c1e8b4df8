#include "common/tls_session.h"

#include "common/tls_files.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define IPV4_BYTES 4
#define IPV6_BYTES 16

#define TEXT_SIZE       512
#define NAMES_MAX_BYTES 200
#define NAME_SIZE       160

struct tls_session {
    struct tls_config *tls;
    char *host;
    SSL_CTX *context;
    bool ended;
    enum mqtt_end end;
    char text[TEXT_SIZE];
    struct tls_dates peer;
};

/* The first reason is the cause; what comes after it are its consequences. */
static void note(struct tls_session *s, enum mqtt_end end, const char *format, ...)
    EDGE_PRINTF(3, 4);
static void note(struct tls_session *s, enum mqtt_end end, const char *format, ...)
{
    if (s->ended) {
        return;
    }
    va_list args;
    va_start(args, format);
    (void)vsnprintf(s->text, sizeof(s->text), format, args);
    va_end(args);
    s->ended = true;
    s->end = end;
}

static const char *name_expected(const struct tls_session *s)
{
    return s->tls->server_name != NULL ? s->tls->server_name : s->host;
}

static const char *subject_of(const X509 *certificate, char *text)
{
    text[0] = '\0';
    if (certificate != NULL) {
        (void)X509_NAME_oneline(X509_get_subject_name(certificate), text, NAME_SIZE);
    }
    return text;
}

static const char *issuer_of(const X509 *certificate, char *text)
{
    text[0] = '\0';
    if (certificate != NULL) {
        (void)X509_NAME_oneline(X509_get_issuer_name(certificate), text, NAME_SIZE);
    }
    return text;
}

/* An address as a person writes it; false: none. */
static bool address_text(const ASN1_STRING *value, char *text, size_t size)
{
    int length = ASN1_STRING_length(value);
    int family = length == IPV4_BYTES ? AF_INET : AF_INET6;
    return (length == IPV4_BYTES || length == IPV6_BYTES) &&
           inet_ntop(family, ASN1_STRING_get0_data(value), text, (socklen_t)size) != NULL;
}

static void add_name(struct buf *out, const GENERAL_NAME *name)
{
    int type;
    const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &type);
    const char *comma = out->length > 0 ? ", " : "";
    char address[INET6_ADDRSTRLEN];
    if (type == GEN_DNS) {
        buf_printf(out, "%s%.*s", comma, ASN1_STRING_length(value),
                   (const char *)ASN1_STRING_get0_data(value));
    } else if (type == GEN_IPADD && address_text(value, address, sizeof(address))) {
        buf_printf(out, "%s%s", comma, address);
    }
}

/* What the certificate is for: its alternative names, or what its subject says. */
static void note_name(struct tls_session *s, X509 *certificate)
{
    struct buf names;
    char subject[NAME_SIZE];
    buf_init(&names, NAMES_MAX_BYTES);
    GENERAL_NAMES *alternatives = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(alternatives); i++) {
        add_name(&names, sk_GENERAL_NAME_value(alternatives, i));
    }
    GENERAL_NAMES_free(alternatives);
    note(s, MQTT_END_TLS_NAME,
         "the broker's certificate is for %s, not for %s: use its name in broker.address or in "
         "broker.tls.server_name",
         names.length > 0 ? names.data : subject_of(certificate, subject), name_expected(s));
    buf_deinit(&names);
}

static void note_date(struct tls_session *s, int error, int depth, const X509 *certificate)
{
    char subject[NAME_SIZE];
    char date[TLS_DATE_SIZE];
    struct tls_dates dates = tls_dates_of(certificate);
    const char *whose = depth == 0 ? "the broker's certificate" : "a CA's certificate";
    if (error == X509_V_ERR_CERT_HAS_EXPIRED) {
        note(s, MQTT_END_TLS_EXPIRED, "%s (%s) expired on %s", whose,
             subject_of(certificate, subject), tls_date_text(dates.until_s, date));
    } else {
        note(s, MQTT_END_TLS_EXPIRED,
             "%s (%s) is valid only from %s on: is the clock of this machine right?", whose,
             subject_of(certificate, subject), tls_date_text(dates.from_s, date));
    }
}

static void note_untrusted(struct tls_session *s, int error, const X509 *certificate)
{
    char issuer[NAME_SIZE];
    note(s, MQTT_END_TLS_UNTRUSTED,
         "the broker's certificate is not from a CA that is trusted here (%s; issued by %s): is "
         "broker.tls.ca the right one?",
         X509_verify_cert_error_string(error), issuer_of(certificate, issuer));
}

static void note_verify(struct tls_session *s, X509_STORE_CTX *store)
{
    int error = X509_STORE_CTX_get_error(store);
    int depth = X509_STORE_CTX_get_error_depth(store);
    X509 *certificate = X509_STORE_CTX_get_current_cert(store);
    switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        note_date(s, error, depth, certificate);
        break;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        note_name(s, certificate);
        break;
    case X509_V_ERR_CERT_REVOKED:
        note(s, MQTT_END_TLS_REVOKED, "the broker's certificate is revoked");
        break;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
        note(s, MQTT_END_TLS_REVOKED,
             "broker.tls.crl cannot say whether the broker's certificate is revoked: %s",
             X509_verify_cert_error_string(error));
        break;
    default:
        note_untrusted(s, error, certificate);
    }
}

static struct tls_session *session_of(const SSL *ssl)
{
    return SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
}

static int on_verify(int good, X509_STORE_CTX *store)
{
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls_session *s = session_of(ssl);
    if (good != 1) {
        note_verify(s, store);
    } else if (X509_STORE_CTX_get_error_depth(store) == 0) {
        s->peer = tls_dates_of(X509_STORE_CTX_get_current_cert(store));
    }
    return good;
}

/* TLS 1.2, RFC 5246, section 7.2.2, and TLS 1.3, RFC 8446, section 6.2. */
static const struct alert {
    int number;
    enum mqtt_end end;
    const char *text;
} alerts[] = {
    {42, MQTT_END_TLS_OWN_REFUSED, "the broker takes our certificate for a bad one"},
    {43, MQTT_END_TLS_OWN_REFUSED,
     "the broker does not take certificates of this kind: is ours for clients?"},
    {44, MQTT_END_TLS_OWN_REVOKED, "the broker says that our certificate is revoked"},
    {45, MQTT_END_TLS_OWN_EXPIRED, "the broker says that our certificate has expired"},
    {46, MQTT_END_TLS_OWN_REFUSED, "the broker does not take our certificate"},
    {48, MQTT_END_TLS_OWN_UNTRUSTED,
     "the broker says that our certificate is not from a CA that it trusts"},
    {49, MQTT_END_TLS_OWN_REFUSED, "the broker takes our certificate but denies access"},
    {70, MQTT_END_TLS_VERSION, "the broker takes no version of TLS that we do"},
    {116, MQTT_END_TLS_OWN_MISSING,
     "the broker wants a certificate of us: set broker.tls.certificate and broker.tls.key"},
};

#define ALERT_CLOSE_NOTIFY      0
#define ALERT_HANDSHAKE_FAILURE 40
#define ALERT_USER_CANCELED     90

/* Before TLS 1.3 a broker that wants a certificate and gets none only says that it failed. */
static void note_handshake_failure(struct tls_session *s)
{
    if (s->tls->certificate == NULL) {
        note(s, MQTT_END_TLS_OWN_MISSING,
             "the broker ends the handshake; it may want a certificate of us: "
             "broker.tls.certificate "
             "and broker.tls.key are not set");
    } else {
        note(s, MQTT_END_TLS_OTHER, "the broker ends the handshake: no cipher that both take?");
    }
}

static void note_alert(struct tls_session *s, int number)
{
    if (number == ALERT_CLOSE_NOTIFY || number == ALERT_USER_CANCELED) {
        return;
    }
    if (number == ALERT_HANDSHAKE_FAILURE) {
        note_handshake_failure(s);
        return;
    }
    for (size_t i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++) {
        if (alerts[i].number == number) {
            note(s, alerts[i].end, "%s", alerts[i].text);
            return;
        }
    }
    note(s, MQTT_END_TLS_OTHER, "the broker ends TLS with alert %d, %s", number,
         SSL_alert_desc_string_long(number));
}

static void on_info(const SSL *ssl, int where, int value)
{
    if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT) {
        note_alert(session_of(ssl), value & 0xFF);
    }
}

static void note_absent(struct tls_session *s)
{
    note(s, MQTT_END_TLS_ABSENT,
         "the other side ends the connection in the middle of the TLS handshake: does the broker "
         "speak TLS on this port?");
}

void tls_session_on_log(struct tls_session *s, const char *line)
{
    static const char mark[] = "error:";
    const char *code = s != NULL ? strstr(line, mark) : NULL;
    if (code == NULL) {
        return;
    }
    unsigned long error = strtoul(code + sizeof(mark) - 1, NULL, 16);
    const char *reason = ERR_reason_error_string(error);
    if (ERR_GET_LIB(error) != ERR_LIB_SSL) {
        note(s, MQTT_END_TLS_OTHER, "TLS fails: %s", reason != NULL ? reason : line);
        return;
    }
    switch (ERR_GET_REASON(error)) {
    case SSL_R_WRONG_VERSION_NUMBER: /* what the bytes of another protocol look like */
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
        note_absent(s);
        break;
    case SSL_R_UNSUPPORTED_PROTOCOL:
        note(s, MQTT_END_TLS_VERSION, "the broker speaks no TLS as new as broker.tls.min_version");
        break;
    default:
        note(s, MQTT_END_TLS_OTHER, "TLS fails: %s", reason != NULL ? reason : line);
    }
}

bool tls_session_is_shaking_hands(const void *ssl)
{
    return ssl != NULL && SSL_is_init_finished(ssl) == 0;
}

bool tls_session_hung_up(struct tls_session *s, const void *ssl)
{
    char byte;
    errno = 0;
    if (s == NULL || !tls_session_is_shaking_hands(ssl) ||
        recv(SSL_get_fd(ssl), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0 || errno == EAGAIN) {
        return false;
    }
    note_absent(s);
    return true;
}

bool tls_session_listen(struct tls_session *s, void *ssl)
{
    char byte;
    if (s == NULL || ssl == NULL || tls_session_is_shaking_hands(ssl)) {
        return true;
    }
    int got = SSL_peek(ssl, &byte, 1);
    int error = got > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl, got);
    ERR_clear_error();
    if (error == SSL_ERROR_NONE || error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
        return true;
    }
    note(s, MQTT_END_TLS_OWN_REFUSED,
         "the broker ends the connection right after the TLS handshake, without a reason: it may "
         "not take our certificate");
    return false;
}

int tls_session_new(const struct tls_config *tls, const char *host, struct tls_session **ret)
{
    struct tls_session *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return -ENOMEM;
    }
    s->tls = tls_config_copy(tls);
    s->host = strdup(host);
    if (s->tls == NULL || s->host == NULL) {
        tls_session_free(s);
        return -ENOMEM;
    }
    *ret = s;
    return 0;
}

void tls_session_free(struct tls_session *s)
{
    if (s == NULL) {
        return;
    }
    SSL_CTX_free(s->context);
    tls_config_free(s->tls);
    free(s->host);
    free(s);
}

/* A literal address must be in the certificate as an address, a name as a name. */
static int expect_name(const struct tls_session *s)
{
    X509_VERIFY_PARAM *expected = SSL_CTX_get0_param(s->context);
    const char *name = name_expected(s);
    X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    bool set = X509_VERIFY_PARAM_set1_ip_asc(expected, name) == 1 ||
               X509_VERIFY_PARAM_set1_host(expected, name, 0) == 1;
    ERR_clear_error();
    return set ? 0 : -ENOMEM;
}

static int load_files(struct tls_session *s)
{
    struct buf fault;
    buf_init(&fault, sizeof(s->text));
    int r = 0;
    for (enum tls_part part = TLS_PART_CA; r == 0 && part < TLS_PART_COUNT; part++) {
        r = tls_files_load(s->context, s->tls, part, &fault);
    }
    if (r == -EINVAL) {
        note(s, MQTT_END_TLS_FILES, "%s", fault.length > 0 ? fault.data : "a file is unusable");
    }
    buf_deinit(&fault);
    return r;
}

int tls_session_load(struct tls_session *s)
{
    s->context = tls_context_new(s->tls->min_version);
    if (s->context == NULL) {
        return -ENOMEM;
    }
    SSL_CTX_set_app_data(s->context, s);
    SSL_CTX_set_verify(s->context, SSL_VERIFY_PEER, on_verify);
    SSL_CTX_set_info_callback(s->context, on_info);
    int r = expect_name(s);
    return r == 0 ? load_files(s) : r;
}

void *tls_session_context(struct tls_session *s)
{
    return s->context;
}

bool tls_session_end(const struct tls_session *s, enum mqtt_end *ret_end, const char **ret_text)
{
    if (s == NULL || !s->ended) {
        return false;
    }
    *ret_end = s->end;
    *ret_text = s->text;
    return true;
}

int64_t tls_session_peer_until_s(const struct tls_session *s)
{
    return s != NULL ? s->peer.until_s : 0;
}
