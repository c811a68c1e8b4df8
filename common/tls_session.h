/*
 * TLS for one connection: the context that libmosquitto is given, which checks certificate, chain
 * and host name, and notes why one side refuses the other. The library itself only says "A TLS
 * error occurred".
 *
 * A session belongs to the thread that connects and then to the loop, never to both.
 */
#ifndef EDGE_COMMON_TLS_SESSION_H
#define EDGE_COMMON_TLS_SESSION_H

#include "common/attributes.h"
#include "common/mqtt_end.h"
#include "common/tls_config.h"

#include <stdbool.h>
#include <stdint.h>

struct tls_session;

/* Copies both; `host` is what the broker's certificate must name unless `tls` names something else.
 * 0 or -ENOMEM. */
EDGE_MUST_CHECK int tls_session_new(const struct tls_config *tls, const char *host,
                                    struct tls_session **ret);
/* After the library's handle. Accepts NULL. */
void tls_session_free(struct tls_session *s);

/* Reads the files. 0, -ENOMEM, or -EINVAL: tls_session_end() says which is at fault. */
EDGE_MUST_CHECK int tls_session_load(struct tls_session *s);

/* The OpenSSL context for MOSQ_OPT_SSL_CTX; stays the session's. */
void *tls_session_context(struct tls_session *s);

/* A line that the library logs: the only place where it tells what OpenSSL told it.
 * Accepts NULL for the session. */
void tls_session_on_log(struct tls_session *s, const char *line);

/* `ssl` is the library's, NULL when there is none (any more). */
bool tls_session_is_shaking_hands(const void *ssl);

/* The library takes a reset during the handshake for a reason to wait, while the socket is ready
 * for ever. True: that is the case, and noted. Accepts NULL for both. */
bool tls_session_hung_up(struct tls_session *s, const void *ssl);

/* To be asked before anything is written after the handshake: a broker that does not take our
 * certificate says so only then if the version is TLS 1.3, and resets the connection, so that a
 * write would lose its reason. False: it did, which is noted. Accepts NULL for both. */
bool tls_session_listen(struct tls_session *s, void *ssl);

/* False: nothing was noted. The text lives as long as the session. */
bool tls_session_end(const struct tls_session *s, enum mqtt_end *ret_end, const char **ret_text);

/* When the broker's certificate expires, seconds since 1970; 0 = none was shown. Accepts NULL. */
int64_t tls_session_peer_until_s(const struct tls_session *s);

#endif
