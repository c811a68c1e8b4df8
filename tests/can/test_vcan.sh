#!/bin/sh
# A virtual bus carries classic and FD frames from one program to another.
. "$EDGE_SOURCE_DIR/tests/can/lib.sh"

add_vcan vcan0
expect_equal mtu 72 "$(cat /sys/class/net/vcan0/mtu)"

output=$(mktemp)
candump -n 4 vcan0 >"$output" &
wait_until is_listened_to vcan0 1

cansend vcan0 123#DEADBEEF
cansend vcan0 18FEF100#0102030405060708
cansend vcan0 7FF#R
cansend vcan0 456##1000102030405060708090A0B
wait $!

expect_equal frames "vcan0 123 [4] DE AD BE EF
vcan0 18FEF100 [8] 01 02 03 04 05 06 07 08
vcan0 7FF [0] remote request
vcan0 456 [12] 00 01 02 03 04 05 06 07 08 09 0A 0B" "$(sed 's/^ *//; s/  */ /g; s/ *$//' "$output")"
