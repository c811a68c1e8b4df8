#include "edge-gateway/store/store_view.h"

/*
 * A walk in SQL: each row of the recursion is one record, and knows where it is.
 *
 *   segment  first_seq of its segment; base: that one's base_us
 *   seq, at  its seq, and its first byte in `records`, from 1 on
 *   us       when the record before it was, after base
 *   hex      its bytes as hexadecimal digits; NULL: the segment has no more records
 *
 * segment.h draws the layout, in which every field is a whole number of hexadecimal digits. In
 * `hex` the record's key comes first (zeroes, if it has none), so that they lie at:
 *
 *   1 bus (2)   3 flags (2)   5 len (2)   9 arbitration id (8)
 *   17 index of the key (3)   20 time (5)   25 what follows
 *
 * Blobs stay out of the recursion's rows: the segment is found again by its first_seq, and one
 * substr() copies as much of it as a record can have. There is one row at a time in the queue, made
 * when it is asked for: LIMIT 5 reads five records.
 */

/* SQL has a layout of its own. */
/* clang-format off */

/* A number out of the hexadecimal digits of `text` from `at` on; instr() says 0 of a '0', which is
 * not in its list. All of <<, | and & bind alike in SQL, from left to right. */
#define H1(text, at) "instr('123456789ABCDEF',substr(" text "," at ",1))"
#define H2(text, at) "((" H1(text, at) "<<4)|" H1(text, at "+1") ")"
#define H3(text, at) "((" H2(text, at) "<<4)|" H1(text, at "+2") ")"
#define H4(text, at) "((" H2(text, at) "<<8)|" H2(text, at "+2") ")"
#define H5(text, at) "((" H4(text, at) "<<4)|" H1(text, at "+4") ")"
#define H8(text, at) "((" H4(text, at) "<<16)|" H4(text, at "+4") ")"

#define BUS     H2("hex", "1")
#define FLAGS   H2("hex", "3") /* enum frame_flags */
#define LEN     H2("hex", "5")
#define CAN_ID  H8("hex", "9")
#define KIND    "substr(hex,17,3)" /* less than 'FFE' is a frame, 'FFE' an event, 'FFF' a void */
#define ESCAPED "substr(hex,20,5)='FFFFF'"

/* How much data a frame has, and all of the record; how many seqs it stands for. */
#define DATA_BYTES "CASE WHEN " FLAGS "&2 THEN 0 ELSE " LEN " END"
#define BYTES \
    "CASE WHEN " KIND "<'FFE' THEN 4+8*(" ESCAPED ")+" DATA_BYTES \
    " WHEN " KIND "='FFF' THEN 9" \
    " WHEN " ESCAPED " THEN 4+8+2+" H4("hex", "41") " ELSE 4+2+" H4("hex", "25") " END"
#define SEQS "CASE " KIND " WHEN 'FFF' THEN " H8("hex", "27") " ELSE 1 END"

/* When it was, after `base`: counted from the record before, or written out. */
#define TIME \
    "CASE WHEN " ESCAPED " THEN (" H8("hex", "25") "<<32)|" H8("hex", "33") \
    " ELSE us+" H5("hex", "20") "-524288 END"

/* `hex` of the record at this byte, of which 76 are enough: a head, a time, 64 of data. */
#define HEX_AT(at) \
    "(SELECT CASE WHEN r='' THEN NULL" \
    " WHEN r<'FFE' THEN hex(substr(keys,8*" H3("r", "1") "+1,8))||r" \
    " ELSE '0000000000000000'||r END" \
    " FROM (SELECT hex(substr(records," at ",76)) AS r))"

#define NEXT_AT "CASE WHEN hex IS NULL THEN 1 ELSE at+" BYTES " END"

#define STAMP "(base+" TIME ")"
#define MICRO "((" STAMP "%1000000+1000000)%1000000)" /* so before 1970, too */

const char store_view_sql[] =
    "CREATE VIEW can_messages AS"
    " WITH RECURSIVE walk(segment,base,seq,at,us,hex) AS ("
    "  SELECT first_seq,base_us,first_seq,1,0," HEX_AT("1")
    "  FROM segments WHERE first_seq=(SELECT min(first_seq) FROM segments)"
    " UNION ALL"
    "  SELECT first_seq,base_us,"
    "   CASE WHEN hex IS NULL THEN first_seq ELSE seq+" SEQS " END,"
    "   " NEXT_AT ","
    "   CASE WHEN hex IS NULL THEN 0 ELSE " TIME " END,"
    "   " HEX_AT(NEXT_AT)
    "  FROM walk CROSS JOIN segments ON first_seq="
    "   CASE WHEN hex IS NULL THEN (SELECT min(first_seq) FROM segments WHERE first_seq>segment)"
    "   ELSE segment END)"
    " SELECT seq,"
    "  " STAMP "/1000000.0 AS ts,"
    "  strftime('%Y-%m-%d %H:%M:%S',(" STAMP "-" MICRO ")/1000000,'unixepoch')"
    "   ||printf('.%06d'," MICRO ") AS time,"
    "  (SELECT name FROM buses WHERE id=" BUS ") AS bus,"
    "  " CAN_ID " AS can_id,"
    "  " FLAGS "&1 AS extended,"
    "  (" FLAGS ">>1)&1 AS remote,"
    "  (" FLAGS ">>2)&1 AS error,"
    "  (" FLAGS ">>3)&1 AS fd,"
    "  " LEN " AS len,"
    "  substr(hex,CASE WHEN " ESCAPED " THEN 41 ELSE 25 END,2*(" DATA_BYTES ")) AS data"
    " FROM walk WHERE " KIND "<'FFE'";
