/* The keys that questions have in common, for the decoders of questions only. All return as the
 * getters of payload_json.h. */
#ifndef EDGE_TOPICS_PAYLOAD_QUERY_KEYS_H
#define EDGE_TOPICS_PAYLOAD_QUERY_KEYS_H

#include "topics/limits.h"
#include "topics/payload_json.h"

#define PAYLOAD_US_PER_S INT64_C(1000000)

#define KEY_TRANSACTION "transaction"
#define KEY_FROM        "from"
#define KEY_TO          "to"
#define KEY_LAST        "last_s"
#define KEY_LIMIT       "limit"

/* A member that is there and not null; else NULL. */
const cJSON *payload_find_member(const cJSON *document, const char *key);

/* Optional: stays as it is if absent. PAYLOAD_TRANSACTION_MAX_BYTES + 1 bytes. */
int payload_read_transaction(const cJSON *document, char *transaction,
                             struct payload_error *reterr);

/* `from` up to `to` (`now_us`, if left out), or the last seconds up to now. */
TOPICS_MUST_CHECK int payload_read_span(const cJSON *document, int64_t now_us, int64_t *ret_from_us,
                                        int64_t *ret_to_us, struct payload_error *reterr);

/* Optional: stays as it is if absent. */
TOPICS_MUST_CHECK int payload_read_id(const cJSON *document, const char *key,
                                      char id[TOPIC_ID_MAX_BYTES + 1],
                                      struct payload_error *reterr);

#endif
