#!/bin/bash
# A complete automation in a shell script: keeps the greenhouse of examples/gateway.yaml warm in
# place of the automation node, over the same topics. Needs mosquitto_sub and mosquitto_pub.
#
#   examples/greenhouse.sh              see docs/replace.md
#
# A thermostat with a hysteresis, a person's override with an expiry, a fail-safe value when the
# sensor goes silent, and the truth from the feedback.
set -u
export LC_ALL=C

HOST=${MQTT_ADDRESS:-127.0.0.1} PORT=${MQTT_PORT:-1883}
SITE=edge/${SITE_ID:-demo} GATEWAY=$SITE/${GATEWAY_ID:-gw1} NODE=$SITE/${NODE_ID:-auto1}
ON_BELOW=${ON_BELOW:-20.5} OFF_ABOVE=${OFF_ABOVE:-21.5} # °C
STALE_S=${STALE_S:-15} # without a reading for this long the heater is off
OVERRIDE_S=3600        # of a wish that names no time

target="" told="" state="" wish="" wish_until=0 temperature="" seen=0 actual="" reason=""

publish() { mosquitto_pub -h "$HOST" -p "$PORT" -V mqttv5 -q 1 "$@"; }

hundredths() { printf -v "$2" '%.0f' "${1}e2"; } # bash has no fractions

# What the heater shall be, and why: safety, then people, then the thermostat.
decide() {
    local now=$EPOCHSECONDS t low high
    if ((now - seen >= STALE_S)); then
        target=OFF source=fail_safe reason="no temperature for $STALE_S s"
    elif [[ $wish && $now -lt $wish_until ]]; then
        target=$wish source=manual reason="asked for"
    else
        wish="" source=script
        hundredths "$temperature" t
        hundredths "$ON_BELOW" low
        hundredths "$OFF_ABOVE" high
        reason="temperature is $temperature °C, kept between $ON_BELOW °C and $OFF_ABOVE °C"
        if ((t < low)); then target=ON; elif ((t >= high)) || [[ ! $target ]]; then target=OFF; fi
    fi
}

# Commands are never retained and die early, so that none acts late.
command() {
    local label=Off
    [[ $target == ON ]] && label=On
    publish -t "$GATEWAY/can/can0/HeaterCommand/set" -D publish message-expiry-interval 5 \
        -m "{\"signals\":{\"Heater\":\"$label\"},\"ttl_ms\":5000}"
    told=$target told_at=$EPOCHSECONDS
}

# The truth is what the feedback shows; retained, so that it is there for whoever comes later.
tell() {
    local value=null quality=good text
    case $actual in On) value='"ON"' ;; Off) value='"OFF"' ;; *) quality=stale ;; esac
    text="{\"value\":$value,\"target\":\"$target\",\"source\":\"$source\",\"reason\":\"$reason\",\"quality\":\"$quality\"}"
    # The reason moves with every reading; it is told when something else does.
    [[ "$value $target $source $quality" == "$state" ]] && return
    state="$value $target $source $quality"
    publish -r -t "$SITE/devices/heater/state" -m "$text"
}

take() { # RETAINED TOPIC PAYLOAD
    case $2 in
    "$GATEWAY/can/can0/Climate")
        [[ $3 =~ \"Temperature\":(-?[0-9.]+) ]] && temperature=${BASH_REMATCH[1]} seen=$EPOCHSECONDS
        ;;
    "$GATEWAY/can/can0/Actuators")
        [[ $3 =~ \"Heater\":\"([A-Za-z]+)\" ]] && actual=${BASH_REMATCH[1]}
        ;;
    "$SITE/devices/heater/set")
        [[ $1 == 1 ]] && return # a retained wish would act again and again
        [[ $3 =~ ON|OFF ]] && wish=${BASH_REMATCH[0]} || wish=""
        wish_until=$((EPOCHSECONDS + OVERRIDE_S))
        [[ $3 =~ \"for_s\":([0-9]+) ]] && wish_until=$((EPOCHSECONDS + BASH_REMATCH[1]))
        ;;
    esac
}

# One connection that listens; its will says when we are gone.
exec 3< <(exec mosquitto_sub -h "$HOST" -p "$PORT" -V mqttv5 -q 1 -F '%r %t %p' \
    --will-topic "$NODE/status" --will-payload offline --will-qos 1 --will-retain \
    -t "$GATEWAY/can/can0/Climate" -t "$GATEWAY/can/can0/Actuators" -t "$SITE/devices/heater/set")
listener=$!
trap 'kill $listener; publish -r -t "$NODE/status" -m offline' EXIT
trap 'exit 0' INT TERM
publish -r -t "$NODE/status" -m online

while :; do
    if read -r -t 1 -u 3 retained topic payload; then
        take "$retained" "$topic" "$payload"
    elif (($? <= 128)); then
        exit 1 # the broker is gone: whoever started us starts us again
    fi
    decide
    # Anew when something else is wanted, and again when the feedback does not follow.
    if [[ $target != "$told" ]] ||
        { [[ ${actual^^} != "$target" ]] && ((EPOCHSECONDS - told_at >= 5)); }; then
        command
    fi
    tell
done
