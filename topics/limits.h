/*
 * Every bound of the contract. Sizes are bytes of text without a final NUL; a buffer for such a
 * text needs one more.
 */
#ifndef EDGE_TOPICS_LIMITS_H
#define EDGE_TOPICS_LIMITS_H

/* Topics. Cluster brokers limit the depth (AWS IoT Core: 7 slashes), hence the prefix's levels. */
#define TOPIC_MAX_BYTES         512
#define TOPIC_MAX_SLASHES       7
#define TOPIC_PREFIX_MAX_BYTES  64
#define TOPIC_PREFIX_MAX_LEVELS 2
#define TOPIC_ID_MAX_BYTES      128   /* the longest name that DBC long-symbol attributes allow */
#define TOPIC_FILTER_MAX_BYTES  65535 /* MQTT 5, 1.5.4 */

/* Payloads that are accepted; a longer one is refused before it is parsed. */
#define PAYLOAD_READING_MAX_BYTES (64 * 1024)
#define PAYLOAD_SET_MAX_BYTES     (16 * 1024)
#define PAYLOAD_REQUEST_MAX_BYTES (16 * 1024)
#define PAYLOAD_STATE_MAX_BYTES   (4 * 1024)
#define PAYLOAD_WISH_MAX_BYTES    1024
#define PAYLOAD_CLAIM_MAX_BYTES   (64 * 1024)
#define PAYLOAD_MEMORY_MAX_BYTES  (16 * 1024)

/* What a node sends in one message at most: catalog, history chunk. Brokers default to little more
 * than this. */
#define PAYLOAD_CHUNK_MAX_BYTES (256 * 1024)

/* How many of a thing one message, or one question, holds. */
#define PAYLOAD_BATCH_MAX         1000 /* readings, backfill lane */
#define PAYLOAD_GAP_RANGES_MAX    500
#define PAYLOAD_QUERY_SIGNALS_MAX 32
#define PAYLOAD_POINTS_MIN        4 /* of one signal's history */
#define PAYLOAD_POINTS_DEFAULT    1000
#define PAYLOAD_POINTS_MAX        20000
#define PAYLOAD_BUCKETS_MAX       20000 /* of one signal's statistics */
#define PAYLOAD_BUCKET_MIN_S      60
#define PAYLOAD_BUCKET_MAX_S      31622400 /* 366 days */
#define PAYLOAD_MESSAGES_DEFAULT  100
#define PAYLOAD_MESSAGES_MAX      10000
#define PAYLOAD_DECISIONS_DEFAULT 100
#define PAYLOAD_DECISIONS_MAX     10000
#define PAYLOAD_SPAN_DEFAULT_S    3600
#define PAYLOAD_SPAN_MAX_S        316224000 /* ten years */

/* Inside a payload. */
#define PAYLOAD_DEPTH_MAX             16
#define PAYLOAD_SIGNALS_MAX           512 /* 64 data bytes of a CAN FD frame, one bit each */
#define PAYLOAD_TEXT_MAX_BYTES        255 /* a label, a source, a name */
#define PAYLOAD_TRANSACTION_MAX_BYTES 64
#define PAYLOAD_GROUP_MAX_BYTES       64           /* of automation nodes */
#define PAYLOAD_RANK_MAX              99           /* in a group */
#define PAYLOAD_BY_MAX_BYTES          64           /* who did it */
#define PAYLOAD_TTL_MAX_MS            600000       /* ten minutes: an older command is a ghost */
#define PAYLOAD_FOR_MAX_S             31622400     /* 366 days */
#define PAYLOAD_TIME_MAX_S            253402300799 /* 9999-12-31T23:59:59Z */
#define PAYLOAD_INTEGER_MAX           9007199254740992 /* 2^53: what every JSON reader keeps exact */

#endif
