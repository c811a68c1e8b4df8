"""Who may publish and receive what, at a real broker with the profile of a site: every role, every kind of
topic, one's own and those of others. The table is what people were promised; it knows nothing of topics/role.c.
"""

import pathlib
import sys
import unittest

import mqtt5
import site_support
import support
from site_support import SITE

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from contract import Contract  # noqa: E402

# w, W: publishes its own, anybody's of the site; r, R: receives its own, anybody's; "." = nothing.
# Filters of MQTT are wider than kinds, hence: a gateway may publish its own `set`, which is as good as sending
# the frame; and whoever sees signals sees `set` of messages.
TABLE = """
topic                               gateway automation sink bridge homeassistant viewer dashboard operator maintainer
ID/status                           w       wR         R    W      R             R      R         R        R
ID/info                             w       w          R    W      R             R      R         R        R
ID/metrics                          w       w          .    W      R             R      R         R        R
ID/event                            w       .          R    W      .             R      R         R        R
ID/catalog                          w       R          R    W      .             R      R         R        R
ID/can/can0/state                   w       R          R    W      R             R      R         R        R
ID/can/can0/Climate                 w       R          R    W      R             R      R         R        R
ID/can/can0/Climate/Temperature     w       R          R    W      R             R      R         R        R
ID/can/can0/Climate/set             wr      WR         R    WR     R             R      R         R        R
ID/backfill/can0/Climate            w       .          R    W      .             .      .         .        .
ID/backfill/can0/Climate/summary    w       .          R    W      .             .      .         .        .
ID/backfill/batch                   w       .          R    W      .             .      .         .        .
ID/backfill/event                   w       .          R    W      .             .      .         .        .
ID/backfill/gap                     w       .          R    W      .             .      .         .        .
ID/alarms/hot                       w       w          R    W      R             R      R         R        R
ID/alarms/event                     w       w          R    W      R             R      R         R        R
ID/alarms/hot/set                   r       r          .    R      .             .      .         W        .
devices/fan/set                     .       R          .    R      W             .      W         .        .
devices/fan/state                   .       W          .    W      R             R      R         R        R
ID/rules/night/state                .       w          .    W      R             R      R         R        R
ID/rules/night/trace                .       w          .    W      .             R      R         R        R
ID/rules/night/set                  .       r          .    R      W             .      W         .        .
ID/schedules/day/state              .       w          .    W      R             R      R         R        R
ID/schedules/day/set                .       r          .    R      W             .      W         .        .
ID/controllers/air/state            .       w          .    W      R             R      R         R        R
ID/controllers/air/set              .       r          .    R      W             .      W         .        .
ID/request/history                  r       r          .    R      .             W      W         W        W
ID/request/alarms                   r       r          .    R      .             W      W         W        W
ID/request/explain                  r       r          .    R      .             W      W         W        W
ID/request/record                   r       r          .    R      .             .      .         .        W
ID/request/reload                   r       r          .    R      .             .      .         .        W
ID/request/handover                 r       r          .    R      .             .      .         .        W
ID/request/support                  r       r          .    R      .             .      .         .        W
ID/response/history                 w       w          .    W      .             R      R         R        R
ID/response/reload                  w       w          .    W      .             .      .         .        R
ID/response/support                 w       w          .    W      .             .      .         .        R
ID/response/set                     w       w          .    W      .             .      .         R        R
answers/ID/page-1                   W       W          .    W      .             r      r         r        r
ID/claim                            .       wR         .    W      .             .      .         .        .
ID/fences                           w       R          .    W      .             .      .         .        .
ID/memory/device/fan                .       wR         .    W      .             .      .         .        .
ID/ack/store9                       r       .          .    R      .             .      .         .        .
gw9/ack/ID                          .       .          w    R      .             .      .         .        .
ID/unknown                          .       .          .    .      .             .      .         .        .
ID/unknown/thing                    .       .          .    .      .             .      .         .        .
/homeassistant/device/ID/x/config   w       w          .    .      R             .      .         .        .
/homeassistant/status               R       R          .    .      W             .      .         .        .
/homeassistant/switch/x/config      .       .          .    .      .             .      .         .        .
/zigbee2mqtt/lamp/set               .       .          .    .      .             .      .         .        .
/edge                               .       .          .    .      .             .      .         .        .
/$SYS/broker/uptime                 .       .          .    .      .             .      .         .        .
"""
HEAD, *ROWS = [line.split() for line in TABLE.strip().splitlines()]
ROLES = HEAD[1:]
NODES = ("gateway", "automation", "sink", "bridge")  # these have certificates, the others passwords
MARKER = "test/end"
STRANGER = "gw9"


def topic_of(row, name, site=SITE):
    return row[1:].replace("ID", name) if row.startswith("/") else f"edge/{site}/{row}".replace("ID", name)


def topics_of(name):
    """Every topic that is tried for a member of that name: (topic, row, whose)."""
    tried = {}
    for row, *_ in ROWS:
        tried.setdefault(topic_of(row, name), (row, "own"))
        if not row.startswith("/") or "ID" in row:
            tried.setdefault(topic_of(row, STRANGER), (row, "other"))
        if not row.startswith("/"):
            tried.setdefault(topic_of(row, name, "away"), (row, "away"))
    return [(topic, row, whose) for topic, (row, whose) in tried.items()]


def may(role, row, whose, own, any_of):
    """What the table says: `own` and `any_of` are its letters."""
    cell = next(cells for cells in ROWS if cells[0] == row)[1 + ROLES.index(role)]
    belongs_to_all = "ID" not in row
    if whose == "away":
        return False
    return any_of in cell or (own in cell and (whose == "own" or belongs_to_all))


class Table(unittest.TestCase):
    def test_no_kind_of_topic_is_left_out(self):
        contract = Contract(support.SOURCE_DIR)
        tried = {contract.kind_of("edge", topic_of(row, "name")) for row, *_ in ROWS}
        self.assertEqual(set(contract.channels) - tried, set())

    def test_every_role_has_its_column(self):
        files = (support.SOURCE_DIR / "broker-config/roles").iterdir()
        self.assertEqual(set(ROLES), {path.stem for path in files})
        self.assertEqual({len(row) for row in ROWS}, {len(HEAD)})


class Matrix(site_support.TestCase):
    maxDiff = None

    def begin(self, *roles):
        """A broker with a member of each of these roles, and one who may do anything."""
        self.broker = self.new_broker()
        marker = ("--read", MARKER)
        for role in roles:
            if role in NODES:
                self.broker.add_node(f"a-{role}", role, *marker)
            else:
                self.broker.add_user(f"a-{role}", role, f"secret of {role}", *marker)
        self.broker.add_user("root", "viewer", "secret", "--read", "#", "--write", "#")
        self.broker.start()

    def member(self, role, **options):
        password = None if role in NODES else f"secret of {role}"
        return self.connect(self.broker, f"a-{role}", password, **options)

    def test_what_each_role_may_publish(self):
        self.begin(*ROLES)
        for role in ROLES:
            tried = topics_of(f"a-{role}")
            reasons = self.member(role).publish_all([(topic, b"x") for topic, _, _ in tried])
            given = {topic: reason for (topic, _, _), reason in zip(tried, reasons)}
            allowed = {topic for topic, reason in given.items() if reason < mqtt5.FAILURE}
            wanted = {topic for topic, row, whose in tried if may(role, row, whose, "w", "W")}
            with self.subTest(role=role):
                self.assertEqual(allowed, wanted)
                refused = {reason for topic, reason in given.items() if topic not in wanted}
                self.assertEqual(refused, {mqtt5.DENIED})
            print(f"{role}: {len(wanted)} of {len(tried)} topics may be published")

    def test_what_each_role_receives(self):
        self.begin(*ROLES)
        root = self.connect(self.broker, "root", "secret")
        for role in ROLES:
            member = self.member(role)
            self.assertLess(member.subscribe("#"), mqtt5.FAILURE)
            tried = [row for row in topics_of(f"a-{role}") if not row[0].startswith("$")]
            reasons = root.publish_all([(topic, b"x") for topic, _, _ in tried] + [(MARKER, b"")])
            self.assertLess(max(reasons), mqtt5.FAILURE)
            member.wait_for(lambda topic, _: topic == MARKER)
            received = {topic for topic, _ in member.received if topic != MARKER}
            wanted = {topic for topic, row, whose in tried if may(role, row, whose, "r", "R")}
            with self.subTest(role=role):
                self.assertEqual(received, wanted)
            member.close()
            print(f"{role}: {len(wanted)} of {len(tried)} topics are received")

    def test_a_retained_message_is_no_way_around(self):
        self.begin("viewer")
        root = self.connect(self.broker, "root", "secret")
        root.publish(f"edge/{SITE}/gw9/ack/store9", b"7", retain=True)
        root.publish(f"edge/{SITE}/gw9/status", b"online", retain=True)
        root.publish(MARKER, b"", retain=True)
        viewer = self.member("viewer")
        viewer.subscribe(f"edge/{SITE}/gw9/ack/store9")
        viewer.subscribe(f"edge/{SITE}/gw9/status")
        viewer.subscribe(MARKER)
        root.publish(MARKER, b"end")
        viewer.wait_for(lambda topic, payload: payload == b"end")
        self.assertEqual({t for t, _ in viewer.received if t != MARKER}, {f"edge/{SITE}/gw9/status"})

    def test_a_will_is_published_only_where_its_client_may_publish(self):
        self.begin("gateway")
        root = self.connect(self.broker, "root", "secret")
        root.subscribe(f"edge/{SITE}/#")
        foreign, own = f"edge/{SITE}/gw9/status", f"edge/{SITE}/a-gateway/status"
        for topic in (foreign, own):
            try:
                self.member("gateway", will=topic).close()
            except mqtt5.Refused as refusal:
                self.assertEqual((topic, refusal.reason), (foreign, mqtt5.DENIED))
        root.wait_for(lambda topic, payload: payload == b"will")
        self.assertEqual([topic for topic, _ in root.received], [own])

    def test_a_node_cannot_take_over_the_session_of_another(self):
        self.begin("gateway", "automation")
        gateway = self.member("gateway", client_id="a-gateway")
        self.member("automation", client_id="a-gateway")
        self.assertLess(gateway.publish(f"edge/{SITE}/a-gateway/metrics", b"{}"), mqtt5.FAILURE)


class Members(site_support.TestCase):
    """What the scripts do is what the broker does, after a SIGHUP."""

    def setUp(self):
        super().setUp()
        self.broker = self.new_broker()
        self.broker.add_user("ann", "viewer", "first: secret")
        self.broker.add_node("gw1", "gateway")
        self.broker.start()

    def refusal_of(self, *who, **options):
        try:
            self.connect(self.broker, *who, **options)
        except mqtt5.Refused as refusal:
            return refusal.reason
        return None

    def test_a_wrong_password_an_unknown_name_and_none_at_all(self):
        self.assertIsNone(self.refusal_of("ann", "first: secret"))
        self.assertEqual(self.refusal_of("ann", "first"), mqtt5.DENIED)
        self.assertEqual(self.refusal_of("eve", "first: secret"), mqtt5.DENIED)
        self.assertEqual(self.refusal_of("gw1", ""), mqtt5.DENIED)  # it has a certificate only
        with self.assertRaises(mqtt5.Refused):
            mqtt5.Client(self.broker.password_port, tls=self.pki.context())

    def test_a_certificate_of_somebody_who_was_not_added_may_do_nothing(self):
        client = self.connect(self.broker, "gw2")
        self.assertEqual(client.publish(f"edge/{SITE}/gw2/status", b"online"), mqtt5.DENIED)
        client.subscribe("#")
        gw1 = self.connect(self.broker, "gw1")
        gw1.publish(f"edge/{SITE}/gw1/status", b"online")
        self.broker.add_node("gw2", "gateway")
        self.broker.reload()
        self.assertLess(client.publish(f"edge/{SITE}/gw2/status", b"online"), mqtt5.FAILURE)
        self.assertEqual(client.received, [])

    def test_members_come_and_go_without_disturbing_others(self):
        gw1 = self.connect(self.broker, "gw1")
        ann = self.connect(self.broker, "ann", "first: secret")
        self.broker.add_user("bob", "operator", "b")
        self.broker.add_user("ann", "viewer", "second")
        self.broker.reload()
        bob = self.connect(self.broker, "bob", "b")
        self.assertLess(bob.publish(f"edge/{SITE}/gw1/alarms/hot/set", b"ack"), mqtt5.FAILURE)
        self.assertIsNone(self.refusal_of("ann", "second"))
        self.assertEqual(self.refusal_of("ann", "first: secret"), mqtt5.DENIED)
        self.broker.remove_user("bob")
        self.broker.reload()
        self.assertEqual(self.refusal_of("bob", "b"), mqtt5.DENIED)
        with self.assertRaises(OSError):
            for _ in range(100):
                bob.publish(f"edge/{SITE}/gw1/alarms/hot/set", b"ack")
        self.assertLess(gw1.publish(f"edge/{SITE}/gw1/info", b"{}"), mqtt5.FAILURE)
        with self.assertRaises(OSError):  # her password is another one now
            ann.publish(f"edge/{SITE}/gw1/request/history", b"{}")

    def test_the_same_call_twice_changes_nothing(self):
        files = [self.broker.accounts / name for name in ("members", "acl", "passwords")]
        before = [path.read_bytes() for path in files]
        self.broker.add_node("gw1", "gateway")
        site_support.run(
            site_support.SCRIPTS / "add-user", "ann", "viewer", "--accounts", self.broker.accounts
        )
        rows = [sorted(data.splitlines()) for data in before]
        self.assertEqual([sorted(path.read_bytes().splitlines()) for path in files], rows)

    def test_names_that_are_somebody_elses_are_refused(self):
        add_user, accounts = site_support.SCRIPTS / "add-user", self.broker.accounts
        for name in ("gw1", "alarms", "devices", "answers", "request", "a b", "a/b", "+", "#", "", "a\nuser root"):
            site_support.run(add_user, name, "viewer", "--accounts", accounts, expected=2 if name == "" else 1)
        site_support.run(
            site_support.SCRIPTS / "add-node", "ann", "--role", "gateway", "--accounts", accounts, expected=1
        )
        said = site_support.run(add_user, "eve", "admin", "--accounts", accounts, expected=1)
        self.assertIn("there are: automation bridge dashboard", said)

    def test_files_are_for_the_broker_and_root_only(self):
        for name in ("members", "acl", "passwords"):
            self.assertEqual((self.broker.accounts / name).stat().st_mode & 0o777, 0o600, name)
        self.assertEqual(self.broker.accounts.stat().st_mode & 0o007, 0)


if __name__ == "__main__":
    support.main()
