#!/bin/sh
# `discover` on a real CAN stack: live traffic through two DBC files, and a configuration that a gateway runs with.
. "$EDGE_SOURCE_DIR/tests/can/lib.sh"

directory=$(mktemp -d)
cd "$directory"
program=$EDGE_BUILD_DIR/bin/edge-gateway
cat >stranger.dbc <<'DBC'
VERSION ""
BO_ 291 Other: 8 Node
 SG_ Something : 0|8@1+ (1,0) [0|1] "" X
DBC

# An interface that is not there is told, and how to bring one up.
if "$program" discover --interface vcan7 --seconds 1 --dbc stranger.dbc >absent 2>&1; then
    fail "an absent interface: $(cat absent)"
fi
grep -q 'vcan7 was never up: ip link set vcan7 up' absent || fail "$(cat absent)"

add_vcan vcan0
"$program" discover --interface vcan0 --seconds 3600 --dbc stranger.dbc --dbc "$EDGE_SOURCE_DIR/tests/can/bench.dbc" \
    --write gateway.yaml >report 2>log &
discovery=$!
wait_until is_listened_to vcan0 1
cangen vcan0 -n 200 -g 5 -I 123 -L 2 -D D700
cansend vcan0 18FEF100#2A00000000000000
cansend vcan0 7A0#00

# A signal ends it (SIGTERM: a shell lets its children ignore SIGINT), with all that the kernel has handed over so far.
handed_over() { awk '$1 == "vcan0" && $(NF - 1) >= 202 { found = 1 } END { exit !found }' /proc/net/can/rcvlist_all; }
wait_until handed_over
kill "$discovery"
wait "$discovery" || fail "it ended with $?: $(cat log)"
grep -q '^vcan0: 202 frames of 3 ids' report || fail "$(cat report)"
grep -Eq '^ +Classic +123 +200 ' report || fail "$(cat report)"
grep -Eq '^ +1 to 1 bytes +7A0 +1 ' report || fail "$(cat report)"
grep -q -- '- stranger.dbc' report || fail "$(cat report)"
grep -q 'Classic: # id 123' gateway.yaml || fail "$(cat gateway.yaml)"
"$program" check -c gateway.yaml
