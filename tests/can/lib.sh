# For the checks that can-kernel runs: `. "$EDGE_SOURCE_DIR/tests/can/lib.sh"`.
set -eu

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# wait_until COMMAND...: until it succeeds, at most 10 s.
wait_until() {
    tries=500
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || fail "never came true: $*"
        sleep 0.02
    done
}

# expect_equal WHAT EXPECTED ACTUAL
expect_equal() {
    [ "$2" = "$3" ] || fail "$1: expected
$2
but it is
$3"
}

# add_vcan NAME: a virtual bus that carries classic and FD frames.
add_vcan() {
    ip link add "$1" type vcan
    ip link set "$1" mtu 72 up
}

# Whether N programs receive every frame of a bus: is_listened_to NAME N
is_listened_to() {
    [ "$(grep -c " $1 " /proc/net/can/rcvlist_all)" -ge "$2" ]
}
