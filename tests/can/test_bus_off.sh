#!/bin/sh
# A controller that is bus-off is asked to come back, and what the kernel says to that is told. A virtual interface has no
# controller: its kernel refuses, and a frame proves that the bus works again.
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
