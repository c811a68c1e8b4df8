#!/bin/sh
# packaging/edge-can brings interfaces up as its settings say: a virtual one, a serial adapter that speaks slcan, and says
# which setting is wrong.
. "$EDGE_SOURCE_DIR/tests/can/lib.sh"

PATH=$PATH:/usr/sbin:/sbin
edge_can="$EDGE_SOURCE_DIR/packaging/edge-can"
directory=$(mktemp -d)

# shows INTERFACE TEXT: whether ip(8) says it of the interface.
shows() { ip -details link show dev "$1" | grep -Eq -- "$2"; }

# refused TEXT NAME=VALUE...: with these settings, vcan0 stays as it is, and this is told.
refused() {
    text=$1
    shift
    if env "$@" "$edge_can" up vcan0 2>"$directory/told"; then
        fail "not refused: $*"
    fi
    grep -Fq -- "$text" "$directory/told" || fail "$*: $(cat "$directory/told")"
}

ip link add vcan0 type vcan
TXQUEUELEN=77 "$edge_can" up vcan0
shows vcan0 '<.*UP.*>.*qlen 77' || fail "vcan0: $(ip -details link show dev vcan0)"
ip link set vcan0 down
ip link set vcan0 mtu 16
DBITRATE=2000000 "$edge_can" up vcan0
shows vcan0 'mtu 72 .*qlen 128' || fail "vcan0 takes no FD frames"
refused 'BITRATE=fast in /etc/edge/can/vcan0.conf is no number' BITRATE=fast
refused 'TXQUEUELEN=-1 in /etc/edge/can/vcan0.conf is no number' TXQUEUELEN=-1
refused 'LISTEN_ONLY=maybe in /etc/edge/can/vcan0.conf is neither yes nor no' LISTEN_ONLY=maybe
"$edge_can" down vcan0
shows vcan0 'state DOWN' || fail "vcan0 is not down"
code=0
"$edge_can" sideways vcan0 2>/dev/null || code=$?
expect_equal "exit status of a wrong command line" 2 "$code"

# A serial adapter: what the driver asks of it is what the settings said.
python3 "$EDGE_SOURCE_DIR/tests/can/slcan_adapter.py" "$directory/name" "$directory/asked" &
adapter=$!
wait_until test -s "$directory/name"
can=$(cat "$directory/name")
"$edge_can" up "$can" 2>"$directory/told" && fail "without a bit rate it is up"
grep -Fq "/etc/edge/can/$can.conf has no BITRATE" "$directory/told" || fail "$(cat "$directory/told")"
BITRATE=500000 TXQUEUELEN=50 "$edge_can" up "$can" 2>"$directory/told"
shows "$can" 'bitrate 500000' || fail "$(ip -details link show dev "$can")"
shows "$can" '<.*UP.*>.*qlen 50' || fail "$(ip -details link show dev "$can")"
wait_until grep -qx O "$directory/asked"
grep -qx S6 "$directory/asked" || fail "the adapter was asked for $(cat "$directory/asked")"
grep -q 'cannot restart by itself' "$directory/told" || fail "not told that slcan cannot restart: $(cat "$directory/told")"
: >"$directory/asked"
BITRATE=125000 LISTEN_ONLY=yes "$edge_can" up "$can" 2>/dev/null
wait_until grep -qx L "$directory/asked"
grep -qx S4 "$directory/asked" || fail "the adapter was asked for $(cat "$directory/asked")"
"$edge_can" down "$can"
wait_until grep -qx C "$directory/asked"
kill "$adapter"
