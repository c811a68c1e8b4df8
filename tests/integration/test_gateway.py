"""The gateway on the simulated greenhouse: what it says, what it does, what it refuses."""

import signal
import time

import gateway_support
import support
from gateway_support import BUS, ROOT


def sum_of(counters):
    return sum(counters.values())


def by_name(items):
    return {item["name"]: item for item in items}


class Announcements(gateway_support.TestCase):
    def setUp(self):
        super().setUp()
        self.start_plant()

    def test_what_it_is_is_retained(self):
        self.client.wait_topic(f"{ROOT}/catalog")
        self.client.wait_topic(f"{ROOT}/info")
        self.client.wait_for(lambda m: m.topic == f"{BUS}/state" and m.json["state"] == "up")
        late = self.start_client(self.broker).subscribe(f"{ROOT}/#")
        self.assertTrue(late.wait_topic(f"{ROOT}/status", "online").retain)

        info = late.wait_topic(f"{ROOT}/info")
        self.assertTrue(info.retain)
        self.assertEqual(info.json["program"], "edge-gateway")
        self.assertEqual(info.json["buses"], ["can0"])
        self.assertIn("set", info.json["capabilities"])
        self.assertAlmostEqual(info.json["started"], time.time(), delta=60)
        self.assertRegex(info.json["configuration"], "^[0-9a-f]{16}$")

        state = late.wait_topic(f"{BUS}/state")
        self.assertTrue(state.retain)
        self.assertEqual(state.json["state"], "up")

    def test_the_catalog_describes_the_dbc_and_what_may_be_set(self):
        catalog = self.client.wait_topic(f"{ROOT}/catalog").json
        self.assertEqual([bus["name"] for bus in catalog["buses"]], ["can0"])
        messages = by_name(catalog["buses"][0]["messages"])
        temperature = by_name(messages["Climate"]["signals"])["Temperature"]
        self.assertEqual(temperature["unit"], "°C")
        self.assertEqual((temperature["min"], temperature["max"]), (-40, 80))
        self.assertEqual(messages["Climate"]["cycle_ms"], 200)
        self.assertEqual(
            by_name(messages["Actuators"]["signals"])["Heater"]["labels"],
            [{"value": 0, "label": "Off"}, {"value": 1, "label": "On"}],
        )
        self.assertTrue(messages["HeaterCommand"]["settable"])
        self.assertFalse(messages["PumpCommand"]["settable"])

    def test_a_kill_publishes_the_will(self):
        self.gateway.kill()
        message = self.client.wait_topic(f"{ROOT}/status", "offline")
        self.assertEqual(message.qos, 1)
        late = self.start_client(self.broker).subscribe(f"{ROOT}/status")
        self.assertTrue(late.wait_topic(f"{ROOT}/status", "offline").retain)

    def test_both_stop_signals_end_it_in_order(self):
        self.gateway.stop()
        self.client.wait_topic(f"{ROOT}/status", "offline")
        self.client.messages.clear()
        again = self.start_gateway(gateway_support.configuration(self.broker.port), name="again")
        self.client.wait_topic(f"{ROOT}/status", "online")
        again.send(signal.SIGINT)
        again.finish()
        self.client.wait_topic(f"{ROOT}/status", "offline")


class Readings(gateway_support.TestCase):
    def plant(self, **messages):
        bus = gateway_support.simulated_bus()
        bus["messages"] = messages
        self.start_plant(bus=bus)

    def test_are_retained_until_they_are_stale(self):
        self.plant(Climate={"stale_after": "60s"})
        reading = self.client.wait_topic(f"{BUS}/Climate")
        self.assertEqual(reading.qos, 1)
        self.assertIn(reading.properties.MessageExpiryInterval, (59, 60))
        self.assertEqual(list(reading.json["signals"]), ["Temperature", "Humidity", "CO2", "Light"])
        late = self.start_client(self.broker).subscribe(f"{BUS}/Climate")
        self.assertTrue(late.wait_topic(f"{BUS}/Climate").retain)

    def test_a_reading_that_went_stale_is_forgotten_by_the_broker(self):
        self.plant(Climate={"stale_after": "1500ms", "max_interval": "1s"})
        self.client.wait_topic(f"{BUS}/Climate")
        self.gateway.kill()

        def is_retained():
            client = self.start_client(self.broker).subscribe(f"{BUS}/Climate")
            client.publish("end", "")
            client.subscribe("end")
            client.publish("end", "of what was retained")
            client.wait_topic("end")
            return any(m.topic == f"{BUS}/Climate" for m in client.messages)

        deadline = time.monotonic() + support.TIMEOUT_S
        while is_retained():
            self.assertLess(time.monotonic(), deadline, "it is still there")

    def test_assured_ones_are_numbered_without_a_gap(self):
        self.plant(PlantDiagnostics={"delivery": "live"})
        self.wait_metrics(lambda m: m["readings"]["acknowledged_seq"] >= 30)
        numbers = {
            m.json["seq"]
            for m in list(self.client.messages)
            if m.topic.startswith((f"{BUS}/", f"{ROOT}/event", f"{ROOT}/backfill/"))
            and b'"seq"' in m.payload
        }
        self.assertLessEqual(set(range(1, 31)), numbers)

    def test_live_ones_have_qos_0_and_no_number(self):
        self.plant(PlantDiagnostics={"delivery": "live"})
        reading = self.client.wait_topic(f"{BUS}/PlantDiagnostics")
        self.assertEqual(reading.qos, 0)
        self.assertNotIn("seq", reading.json)
        self.assertEqual(self.client.wait_topic(f"{BUS}/Climate").qos, 1)

    def test_the_signal_layout_publishes_plain_values(self):
        self.plant(Actuators={"layout": "signal"})
        heater = self.client.wait_topic(f"{BUS}/Actuators/Heater")
        self.assertIn(heater.text, ("On", "Off"))
        self.assertEqual(heater.qos, 1)
        self.assertGreaterEqual(heater.properties.MessageExpiryInterval, 1)
        float(self.client.wait_topic(f"{BUS}/Actuators/VentPosition").text)
        self.wait_metrics(lambda m: m["readings"]["acknowledged"] > 20)
        self.assertFalse([m for m in self.client.messages if m.topic == f"{BUS}/Actuators"])

    def test_what_has_no_valid_value_says_so(self):
        dbc = self.directory / "sensor.dbc"
        dbc.write_text(
            'BO_ 1 Sensor: 3 X\n SG_ Level : 0|8@1+ (1,0) [0|100] "%" X\n'
            ' SG_ State : 8|8@1+ (1,0) [0|0] "" X\n SG_ Spare : 16|8@1+ (1,0) [0|0] "" X\n'
            'VAL_ 1 Level 255 "SNA" ;\nVAL_ 1 State 0 "Idle" 2 "Sensor_Fault" ;\n'
        )
        log = self.directory / "sensor.log"
        log.write_text("(1.000000) can0 001#FF0200\n(2.000000) can0 001#650000\n(3.000000) can0 001#640000\n")
        bus = gateway_support.replayed_bus(log=log, dbc=dbc)
        bus["not_available"] = ["sensor fault"]
        self.start_plant(bus=bus)
        self.client.wait_for(lambda m: m.topic == f"{BUS}/Sensor" and m.json["ts"] == 3)
        readings = [m.json for m in self.client.messages if m.topic == f"{BUS}/Sensor"]
        self.assertEqual(
            [(r["signals"], r.get("q")) for r in readings],
            [
                (
                    {"Level": "SNA", "State": "Sensor_Fault", "Spare": 0},
                    {"Level": "not_available", "State": "not_available"},
                ),
                ({"Level": 101, "State": "Idle", "Spare": 0}, {"Level": "out_of_range"}),
                ({"Level": 100, "State": "Idle", "Spare": 0}, None),
            ],
        )

    def test_never_means_never(self):
        self.plant(Weather={"publish": "never"})
        self.wait_metrics(lambda m: m["readings"]["acknowledged"] > 50)
        self.assertFalse([m for m in self.client.messages if m.topic == f"{BUS}/Weather"])


class Counting(gateway_support.TestCase):
    def assert_identities(self, metrics):
        groups = [metrics["frames"]] + [bus["frames"] for bus in metrics["buses"].values()]
        for frames in groups:
            self.assertEqual(
                frames["received"],
                frames["unknown"] + frames["malformed"] + frames["accepted"]
                + frames["suppressed"] + frames["held"],
            )  # fmt: skip
            self.assertEqual(frames["accepted"], frames["assured"] + frames["live_only"])
        readings = metrics["readings"]
        store = metrics["store"]
        self.assertEqual(store["frames"], metrics["frames"]["assured"])
        self.assertEqual(readings["newest_seq"], store["frames"] + store["events"])
        self.assertEqual(
            readings["assured"] + readings["repeated"],
            readings["acknowledged"] + readings["pending"] + sum_of(readings["dropped"]),
        )
        live = metrics["live"]
        self.assertEqual(
            live["assured"],
            live["acknowledged"] + live["superseded"] + live["expired"]
            + live["refused"] + live["pending"],
        )  # fmt: skip
        commands = metrics["commands"]
        self.assertEqual(
            commands["wished"],
            sum_of(commands["refused"]) + commands["superseded"]
            + commands["sent"] + commands["waiting"],
        )  # fmt: skip

    def assert_all_hold(self, at_least):
        seen = [m.json for m in list(self.client.messages) if m.topic == f"{ROOT}/metrics"]
        self.assertGreaterEqual(len(seen), at_least)
        for metrics in seen:
            with self.subTest(uptime_s=metrics["uptime_s"], ts=metrics["ts"]):
                self.assert_identities(metrics)

    def test_holds_under_load_and_wishes_of_every_kind(self):
        bus = gateway_support.simulated_bus()
        bus["simulate"]["time_factor"] = 1000
        bus["defaults"] = {"min_interval": "5ms", "max_interval": "1s"}
        bus["messages"] = {
            "Actuators": {"layout": "signal"},
            "PlantDiagnostics": {"delivery": "live"},
            "Weather": {"publish": "never"},
        }
        bus["commands"]["VentCommand"] = {"min_interval": "150ms"}
        # Without limits: how fast this machine posts is not the question.
        self.start_plant(bus=bus, metrics_interval="100ms", limits={"wishes": 0, "wishes_per_topic": 0})
        for i in range(400):
            self.client.post(f"{BUS}/VentCommand/set", {"signals": {"Position": i % 120}})
            self.client.post(f"{BUS}/HeaterCommand/set", {"signals": {"Heater": i % 3}})
            self.client.post(f"{BUS}/PumpCommand/set", {"signals": {"Pump": 1}})
            self.client.post(f"{BUS}/VentCommand/set", "{")
        last = self.wait_metrics(
            lambda m: m["commands"]["wished"] == 1600 and m["commands"]["waiting"] == 0
        )
        self.assertEqual(last["commands"]["refused"]["not_allowed"], 400)
        self.assertEqual(last["commands"]["refused"]["malformed"], 400)
        self.assertGreater(last["commands"]["superseded"], 0)
        self.assert_all_hold(at_least=3)

    def test_holds_through_an_outage_of_the_broker(self):
        self.start_plant(metrics_interval="100ms")
        self.wait_metrics(lambda m: m["readings"]["acknowledged"] > 20)
        self.broker.kill()
        self.client.wait_disconnected()
        self.gateway.wait_log("no connection")
        self.broker.start()
        self.client.wait_connected()
        self.client.subscribe("edge/#")
        readings = self.wait_metrics(lambda m: m["mqtt"]["connects"] == 2)["readings"]
        self.wait_metrics(lambda m: m["readings"]["acknowledged"] > readings["acknowledged"] + 20)
        self.assert_all_hold(at_least=3)

    def test_unknown_and_malformed_frames(self):
        log = self.directory / "odd.log"
        log.write_text(
            "(1.000000) can0 101#3D078A02E1010000\n"
            "(1.100000) can0 7FF#00\n"  # no DBC names it
            "(1.200000) can0 101#\n"  # known, but without a single signal
            "(1.300000) can0 101#R\n"
        )
        self.start_plant(bus=gateway_support.replayed_bus(log))
        metrics = self.wait_metrics(lambda m: m["frames"]["remote"] == 1)
        frames = metrics["frames"]
        self.assertEqual((frames["received"], frames["accepted"]), (3, 1))
        self.assertEqual((frames["unknown"], frames["malformed"]), (1, 1))
        self.assert_all_hold(at_least=1)


class Wishes(gateway_support.TestCase):
    def setUp(self):
        super().setUp()
        self.start_plant()

    def set(self, message, payload, **properties):
        self.client.publish(f"{BUS}/{message}/set", payload, **properties)

    def actuators(self, signal_name, value):
        return self.client.wait_for(
            lambda m: m.topic == f"{BUS}/Actuators" and m.json["signals"][signal_name] == value
        )

    def test_by_label_and_by_number_change_the_plant(self):
        self.actuators("Heater", "Off")
        self.set("HeaterCommand", {"signals": {"Heater": "On"}})
        self.actuators("Heater", "On")
        self.client.messages.clear()
        self.set("HeaterCommand", {"signals": {"Heater": 0}})
        self.actuators("Heater", "Off")
        self.set("VentCommand", {"signals": {"Position": 12.5}})
        self.actuators("VentPosition", 12.5)

    def test_the_answer_goes_to_the_response_topic_with_its_correlation(self):
        self.client.subscribe("me/answers")
        self.set(
            "HeaterCommand", {"signals": {"Heater": "On"}, "transaction": "t1"},
            ResponseTopic="me/answers", CorrelationData=b"\x00\x01\xff",
        )  # fmt: skip
        answer = self.client.wait_topic("me/answers")
        self.assertEqual(answer.json, {"status": "ok", "transaction": "t1"})
        self.assertEqual(answer.properties.CorrelationData, b"\x00\x01\xff")
        self.assertFalse(answer.retain)

    def test_without_a_response_topic_the_transaction_is_answered_on_our_own(self):
        self.set("HeaterCommand", {"signals": {"Heater": "On"}, "transaction": "t2"})
        answer = self.client.wait_topic(f"{ROOT}/response/set")
        self.assertEqual(answer.json, {"status": "ok", "transaction": "t2"})

    def test_without_either_nobody_is_answered(self):
        self.set("HeaterCommand", {"signals": {"Heater": "On"}})
        self.set("HeaterCommand", {"signals": {"Heater": 7}})
        self.wait_metrics(lambda m: m["commands"]["wished"] == 2)
        self.assertFalse([m for m in self.client.messages if "/response/" in m.topic])

    REFUSALS = (
        # reason, message, payload, part of the error
        ("unknown_signal", "HeaterCommand", '{"signals":{"Heate":1}%s}', "Heate"),
        ("out_of_range", "VentCommand", '{"signals":{"Position":101}%s}', "Position"),
        ("unknown_label", "HeaterCommand", '{"signals":{"Heater":"Hot"}%s}', "label"),
        ("not_allowed", "PumpCommand", '{"signals":{"Pump":1}%s}', "configuration"),
        ("not_allowed", "Nonsense", '{"signals":{"Pump":1}%s}', "configuration"),
        ("malformed", "HeaterCommand", '{"signals":{}%s}', "signals"),
        ("malformed", "HeaterCommand", '{"signals":{"Heater":1},"ttl":5%s}', "ttl"),
    )  # fmt: skip

    def test_refusals_are_answered_counted_and_have_no_effect(self):
        self.client.subscribe("me/answers")
        for number, (reason, message, payload, why) in enumerate(self.REFUSALS):
            with self.subTest(reason, payload=payload):
                correlation = f"c{number}".encode()
                before = self.wait_refused(reason)
                self.set(
                    message, payload % "", ResponseTopic="me/answers", CorrelationData=correlation
                )
                answer = self.client.wait_for(
                    lambda m: m.topic == "me/answers"
                    and m.properties.CorrelationData == correlation
                )
                self.assertEqual(answer.json["status"], "error")
                self.assertIn(why, answer.json["error"])
                self.wait_metrics(lambda m: m["commands"]["refused"][reason] == before + 1)
        self.assertEqual(self.wait_metrics(self.is_fresh())["commands"]["sent"], 0)

    def test_refusals_are_answered_on_our_own_topic_too(self):
        for number, (reason, message, payload, why) in enumerate(self.REFUSALS):
            if reason == "malformed":
                continue  # whose transaction cannot be trusted
            with self.subTest(reason, payload=payload):
                transaction = f"t{number}"
                self.set(message, payload % f',"transaction":"{transaction}"')
                answer = self.client.wait_for(
                    lambda m: m.topic == f"{ROOT}/response/set"
                    and m.json.get("transaction") == transaction
                )
                self.assertEqual(answer.json["status"], "error")
                self.assertIn(why, answer.json["error"])

    def test_what_is_no_json_is_refused(self):
        self.client.subscribe("me/answers")
        for number, payload in enumerate(("", "{", "On", b"\xff\xfe", "[1]", "null", "[" * 5000)):
            with self.subTest(payload=payload[:10]):
                correlation = f"c{number}".encode()
                self.set(
                    "HeaterCommand", payload,
                    ResponseTopic="me/answers", CorrelationData=correlation,
                )  # fmt: skip
                answer = self.client.wait_for(
                    lambda m: m.topic == "me/answers"
                    and m.properties.CorrelationData == correlation
                )
                self.assertEqual(answer.json["status"], "error")
                self.wait_metrics(lambda m: m["commands"]["refused"]["malformed"] == number + 1)

    def test_retained_wishes_are_refused_at_every_connection(self):
        self.gateway.stop()
        self.client.messages.clear()
        self.client.subscribe("me/answers")
        self.set(
            "HeaterCommand", {"signals": {"Heater": "On"}, "transaction": "ghost"},
            retain=True, ResponseTopic="me/answers",
        )  # fmt: skip
        self.start_gateway(gateway_support.configuration(self.broker.port), name="again")
        answer = self.client.wait_topic("me/answers")
        self.assertEqual(answer.json["status"], "error")
        self.assertIn("retained", answer.json["error"])
        metrics = self.wait_metrics(lambda m: m["commands"]["refused"]["retained"] == 1)
        self.assertEqual(metrics["commands"]["sent"], 0)

    def is_fresh(self):
        now = time.time()
        return lambda metrics: metrics["ts"] > now

    def wait_refused(self, reason):
        return self.wait_metrics(self.is_fresh())["commands"]["refused"][reason]


class WishesThatWait(gateway_support.TestCase):
    def answer(self, transaction):
        return self.client.wait_for(
            lambda m: m.topic == f"{ROOT}/response/set" and m.json["transaction"] == transaction
        ).json

    def wish(self, message, signals, transaction, **more):
        payload = {"signals": signals, "transaction": transaction, **more}
        self.client.post(f"{BUS}/{message}/set", payload)

    def test_a_bus_that_cannot_send_rejects(self):
        bus = gateway_support.replayed_bus(speed=1)
        bus["commands"] = {"HeaterCommand": {}}
        self.start_plant(bus=bus)
        self.wish("HeaterCommand", {"Heater": "On"}, "t1", ttl_ms=60_000)
        self.assertIn("cannot send", self.answer("t1")["error"])
        self.wait_metrics(lambda m: m["commands"]["refused"]["rejected_by_bus"] == 1)

    def test_the_last_word_wins_and_the_one_before_is_told(self):
        bus = gateway_support.simulated_bus()
        bus["commands"]["VentCommand"] = {"min_interval": "1s"}
        self.start_plant(bus=bus)
        for position in (10, 20, 30):
            self.wish("VentCommand", {"Position": position}, f"t{position}")
        self.assertEqual(self.answer("t10")["status"], "ok")
        self.assertIn("superseded", self.answer("t20")["error"])
        self.assertEqual(self.answer("t30")["status"], "ok")
        self.wait_metrics(lambda m: m["commands"]["sent"] == 2)

    def test_a_wish_that_waited_for_a_gateway_that_stood_still_expires(self):
        bus = gateway_support.simulated_bus()
        bus["commands"]["VentCommand"] = {}
        self.start_plant(bus=bus)
        self.gateway.process.send_signal(signal.SIGSTOP)
        stopped = time.monotonic()
        self.wish("VentCommand", {"Position": 10}, "t10", ttl_ms=1500)
        time.sleep(stopped + 3 - time.monotonic())  # its time to live, and more: what is tested is time
        self.gateway.process.send_signal(signal.SIGCONT)
        self.assertIn("time to live", self.answer("t10")["error"])
        metrics = self.wait_metrics(lambda m: m["commands"]["refused"]["expired"] == 1)
        self.assertEqual(metrics["commands"]["sent"], 0)

    def test_a_wish_that_waited_for_a_broker_that_stood_still_is_late(self):
        bus = gateway_support.simulated_bus()
        bus["commands"]["VentCommand"] = {}
        self.start_plant(bus=bus)

        def sent():
            return {"clock": 7, "ms": int(time.clock_gettime(time.CLOCK_BOOTTIME) * 1000)}

        self.wish("VentCommand", {"Position": 10}, "t10", ttl_ms=4000, sent=sent())
        self.assertEqual(self.answer("t10")["status"], "ok")
        self.broker.send(signal.SIGSTOP)
        self.addCleanup(self.broker.send, signal.SIGCONT)
        stopped = time.monotonic()
        self.wish("VentCommand", {"Position": 20}, "t20", ttl_ms=4000, sent=sent())
        time.sleep(stopped + 5 - time.monotonic())  # its time to live, and more: what is tested is time
        self.broker.send(signal.SIGCONT)
        # Perhaps without an answer: readings that wait for the broker may have filled the window.
        late = r"VentCommand refused \(late\): it was on its way for \d+\.\d s, and its time to live is 4\.0 s"
        self.gateway.wait_log(late)
        self.wait_metrics(lambda m: m["commands"]["refused"]["late"] == 1)
        self.wish("VentCommand", {"Position": 30}, "t30", ttl_ms=4000, sent=sent())
        self.assertEqual(self.answer("t30")["status"], "ok")
        metrics = self.wait_metrics(lambda m: m["commands"]["sent"] == 2)
        self.assertEqual(metrics["commands"]["refused"]["expired"], 0)

    def test_a_wish_that_may_not_go_in_time_expires(self):
        bus = gateway_support.simulated_bus()
        bus["commands"]["VentCommand"] = {"min_interval": "1h"}
        self.start_plant(bus=bus)
        self.wish("VentCommand", {"Position": 10}, "t10")
        self.wish("VentCommand", {"Position": 20}, "t20", ttl_ms=100)
        self.assertEqual(self.answer("t10")["status"], "ok")
        self.assertIn("time to live", self.answer("t20")["error"])
        metrics = self.wait_metrics(lambda m: m["commands"]["refused"]["expired"] == 1)
        self.assertEqual(metrics["commands"]["waiting"], 0)


if __name__ == "__main__":
    support.main()
