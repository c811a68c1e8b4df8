#!/bin/sh
# A controller that is bus-off is asked to come back, and what the kernel says to that is told. A virtual interface has no
# controller: its kernel refuses, and a frame proves that the bus works again. The driver of a serial adapter does not give its
# interface the carrier back, and the kernel drops what is sent: that is refused here.
. "$EDGE_SOURCE_DIR/tests/can/lib.sh"

add_vcan vcan0
directory=$(mktemp -d)
mkfifo "$directory/input"
"$EDGE_BUILD_DIR/bin/bus_probe" vcan0 <"$directory/input" >"$directory/output" &
probe=$!
exec 3>"$directory/input"
is_told() { grep -q "$1" "$directory/output"; }

wait_until is_listened_to vcan0 1
cansend vcan0 20000040#0000000000000000 # an error frame: bus-off
wait_until is_told 'bus_off.*the controller has left the bus'
wait_until is_told 'bus_off.*cannot be restarted'
cansend vcan0 123#01
wait_until is_told 'up.*frames are received again'
exec 3>&-
wait "$probe"

mkfifo "$directory/say"
python3 "$EDGE_SOURCE_DIR/tests/can/slcan_adapter.py" "$directory/name" "$directory/asked" <"$directory/say" &
adapter=$!
exec 4>"$directory/say"
wait_until test -s "$directory/name"
can=$(cat "$directory/name")
PATH=$PATH:/usr/sbin:/sbin
ip link set "$can" type can bitrate 500000
ip link set "$can" up
"$EDGE_BUILD_DIR/bin/bus_probe" "$can" <"$directory/input" >>"$directory/output" &
probe=$!
exec 3>"$directory/input"
wait_until is_told 'up: the interface is up'
wait_until is_listened_to "$can" 1
: >"$directory/output"
echo sb000255 >&4
wait_until is_told 'bus_off.*cannot be restarted'
echo sa000000 >&4
wait_until is_told 'up: no carrier: nothing can be sent'
echo 'send 123#01' >&3
wait_until is_told 'failed 123#01: Network is down'
: >"$directory/output"
ip link set "$can" down
ip link set "$can" up
wait_until is_told 'up: the interface is up'
echo 'send 123#02' >&3
wait_until grep -qx t123102 "$directory/asked"
exec 3>&-
wait "$probe"
kill "$adapter"
