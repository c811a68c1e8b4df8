#!/bin/sh
# The gateway on a real CAN stack: frames in and readings out, a wish in and its frame out, an interface that comes, goes
# and comes again, and a burst while the gateway does not read.
. "$EDGE_SOURCE_DIR/tests/can/lib.sh"

PATH=$PATH:/usr/sbin
directory=$(mktemp -d)
node=edge/test/gw1
"$EDGE_SOURCE_DIR/broker-config/render" --directory "$directory" \
    --http-dir "$EDGE_SOURCE_DIR/dashboard/dist" >"$directory/mosquitto.conf"
mosquitto -c "$directory/mosquitto.conf" 2>"$directory/broker.log" &
broker=$!

cat >"$directory/gateway.yaml" <<CONFIG
site: test
node: gw1
broker: { address: 127.0.0.1, retry_min: 20ms, retry_max: 100ms }
metrics_interval: 100ms
dash_cam: { enabled: yes, directory: recordings, after: 100ms }
buses:
  vcan0:
    dbc: $EDGE_SOURCE_DIR/tests/can/bench.dbc
    defaults: { publish: every, max_interval: 0s }
    commands: { Command: }
CONFIG
"$EDGE_BUILD_DIR/bin/edge-gateway" run -c "$directory/gateway.yaml" 2>"$directory/gateway.log" &
gateway=$!

# says TOPIC PATTERN: whether the next message of a topic matches.
says() { mosquitto_sub -h 127.0.0.1 -t "$node/$1" -C 1 -W 1 -F %p | grep -Eq -- "$2"; }

# The interface is absent at first.
wait_until says can/vcan0/state '"state":"down"'
add_vcan vcan0
wait_until says can/vcan0/state '"state":"(up|no_traffic)"'

# Frames in, readings out.
cansend vcan0 123#D700
cansend vcan0 18FEF100#2A00000000000000
cansend vcan0 456##1000102030405060708090A0B
wait_until says can/vcan0/Classic '"seq":[0-9]+,"signals":\{"Value":21.5\}'
wait_until says can/vcan0/Extended '"Counter":42'
wait_until says can/vcan0/Flexible '"Last":11'

# A wish in, its frame out.
candump -n 1 vcan0 >"$directory/sent" &
listener=$!
wait_until is_listened_to vcan0 2
mosquitto_pub -h 127.0.0.1 -t "$node/can/vcan0/Command/set" -m '{"signals":{"Power":55}}'
wait "$listener"
expect_equal "frame on the bus" "vcan0 200 [1] 37" "$(sed 's/^ *//; s/  */ /g; s/ *$//' "$directory/sent")"

# The interface goes and comes again.
ip link del vcan0
wait_until says can/vcan0/state '"state":"down"'
add_vcan vcan0
wait_until says can/vcan0/state '"state":"(up|no_traffic)"'
cansend vcan0 123#E100
wait_until says can/vcan0/Classic '"Value":22.5'

# Down and up again.
ip link set vcan0 down
wait_until says can/vcan0/state '"state":"down"'
ip link set vcan0 up
wait_until says can/vcan0/state '"state":"(up|no_traffic)"'

# Bus-off is told and recorded: what came before, and the error frame itself.
recordings() { cat "$directory"/recordings/dashcam-*-vcan0-bus_off.log; }
is_recorded() { recordings | grep -q ' vcan0 20000040#'; }
cansend vcan0 20000040#0000000000000000
wait_until says can/vcan0/state '"state":"bus_off"'
wait_until is_recorded
for frame in 123#D700 18FEF100#2A00000000000000 456##1000102030405060708090A0B 200#37 123#E100; do
    recordings | grep -q " vcan0 $frame\$" || fail "not recorded: $frame in $(recordings)"
done

# A burst that the socket's buffer holds: 4 frames so far, 3000 more.
kill -STOP "$gateway"
cangen vcan0 -n 3000 -g 0 -I 123 -L 2 -D i
kill -CONT "$gateway"
wait_until says metrics '"frames":\{"received":3004,.*"kernel_dropped":0'

kill "$gateway"
wait "$gateway" || fail "the gateway ended with $?: $(cat "$directory/gateway.log")"
kill "$broker"
wait "$broker" || fail "mosquitto ended with $?: $(cat "$directory/broker.log")"
