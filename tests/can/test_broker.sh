#!/bin/sh
# The broker and programs of ours run beside a bus: what the gateway's checks will need.
. "$EDGE_SOURCE_DIR/tests/can/lib.sh"

PATH=$PATH:/usr/sbin
directory=$(mktemp -d)
"$EDGE_SOURCE_DIR/broker-config/render" --directory "$directory" \
    --http-dir "$EDGE_SOURCE_DIR/dashboard/dist" >"$directory/mosquitto.conf"
mosquitto -c "$directory/mosquitto.conf" 2>"$directory/log" &
broker=$!

wait_until mosquitto_pub -h 127.0.0.1 -q 1 -r -t site/reading -m 21.5
expect_equal reading 21.5 "$(mosquitto_sub -h 127.0.0.1 -t site/reading -C 1 -W 10)"
expect_equal "reading by WebSocket" "site/reading	21.5" \
    "$("$EDGE_BUILD_DIR/tests/ws_subscriber" 127.0.0.1 9001 site/reading 1 10)"

kill "$broker"
wait "$broker" || fail "mosquitto ended with $?: $(cat "$directory/log")"
