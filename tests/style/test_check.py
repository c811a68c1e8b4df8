"""Proof that check.py can fail: one deliberate violation a test, and exactly that finding expected."""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECK = Path(__file__).with_name("check.py")

ARCHITECTURE = """\
| layer | folder | one idea | may use | may not use |
|---|---|---|---|---|
| L0 | `topics/` | the contract | libc values | the rest |
| L0 | `common/` | shared | libc, Linux | `topics/` |
| L1 | `edge-gateway/can/` | frames | libc values | the rest |
| L2 | `edge-gateway/bus/` | drivers | `can/`, `common/` | the rest |
| L3 | `edge-gateway/app/` | wiring | everything in `edge-gateway/` | - |
"""
LAYERS = """\
pure common/buf.h
values stdint.h stdio.h string.h
libraries mosquitto.h
impure FILE fopen time
adapters edge-gateway/bus/ common/mqtt_link.h
L0 topics/           |                             | values
L0 common/           |                             | linux mosquitto.h
L1 edge-gateway/can/ | pure                        | values
L2 edge-gateway/bus/ | edge-gateway/can/ common/   | linux
L3 edge-gateway/app/ | edge-gateway/ topics/ common/ | linux
"""
CLEAN_SOURCE = """\
#include "common/buf.h"

#include <stdio.h>

static const char *const text = "} sprintf( // not a comment";

static int add(int a, int b)
{
    /* a brace: } and a function: sprintf(x) */
    return a + b + (text[0] == '{' ? 1 : 0);
}

int buf_twice(int a)
{
    return add(a, a);
}
"""
CLEAN_TREE = {
    ".clang-format": (CHECK.parents[2] / ".clang-format").read_text(encoding="utf-8"),
    "ARCHITECTURE.md": ARCHITECTURE,
    "tests/style/layers.txt": LAYERS,
    "common/buf.h": "int buf_twice(int a);\n",
    "common/buf.c": CLEAN_SOURCE,
    "common/mqtt_link.h": "struct mqtt_link;\n",
    "edge-gateway/can/frame.h": "#include <stdint.h>\n",
    "edge-gateway/bus/bus.h": '#include "edge-gateway/can/frame.h"\n',
    "topics/topic.c": 'const char *const topic_root = "edge/";\n',
}


def function(lines, name="long_one"):
    """A function of so many lines, signature and braces included."""
    body = "    a++;\n" * (lines - 4)
    return f"int {name}(int a)\n{{\n{body}    return a;\n}}\n"


def nested(braces):
    opening = "".join("    " * i + "if (a) {\n" for i in range(1, braces))
    closing = "".join("    " * i + "}\n" for i in range(braces - 1, 0, -1))
    return f"void deep(int a)\n{{\n{opening}{closing}}}\n"


class Check(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="edge-style-")
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        for path, text in CLEAN_TREE.items():
            self.write(path, text)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def run_check(self, *names, environment=None):
        command = [sys.executable, CHECK, "--root", self.root, *names]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment, timeout=60
        )

    def findings(self, name):
        result = self.run_check(name)
        found = re.findall(r"^(\S+?):(\d+): ([\w.]+): ", result.stdout, re.MULTILINE)
        self.assertEqual(result.returncode, 1 if found else 0, result.stdout + result.stderr)
        return [(path, int(line), rule) for path, line, rule in found]


class CleanTree(Check):
    def test_passes_every_check(self):
        result = self.run_check("format", "size", "layers", "topics", "banned")
        self.assertIn(result.returncode, (0, 77), result.stdout + result.stderr)

    def test_without_any_c_file_the_check_did_not_run(self):
        empty = self.root / "empty"
        empty.mkdir()
        command = [sys.executable, CHECK, "--root", empty, "size"]
        result = subprocess.run(command, capture_output=True, check=False, timeout=60)
        self.assertEqual(result.returncode, 2)


class Format(Check):
    def test_finds_an_unformatted_file_once(self):
        self.write("common/a.c", "int  a;\nint  b;\n")
        if self.run_check("format").returncode == 77:
            self.skipTest("clang-format is not installed")
        self.assertEqual(self.findings("format"), [("common/a.c", 1, "format")])

    def test_skips_where_clang_format_is_absent(self):
        result = self.run_check("format", environment={"PATH": "/nonexistent"})
        self.assertEqual(result.returncode, 77)
        self.assertIn("did not run", result.stdout)


class Size(Check):
    def test_c_file_of_601_lines(self):
        self.write("common/a.c", "int a;\n" * 601)
        self.assertEqual(self.findings("size"), [("common/a.c", 601, "size.file")])

    def test_c_file_of_600_lines_is_allowed(self):
        self.write("common/a.c", "int a;\n" * 600)
        self.assertEqual(self.findings("size"), [])

    def test_header_of_151_lines(self):
        self.write("common/a.h", "/* */\n" * 151)
        self.assertEqual(self.findings("size"), [("common/a.h", 151, "size.file")])

    def test_function_of_61_lines(self):
        self.write("common/a.c", "int x;\n" + function(61))
        self.assertEqual(self.findings("size"), [("common/a.c", 2, "size.function")])

    def test_function_of_60_lines_is_allowed(self):
        self.write("common/a.c", function(60))
        self.assertEqual(self.findings("size"), [])

    def test_long_function_behind_a_macro_and_an_attribute(self):
        self.write("common/a.c", "EDGE_PRINTF(1, 2) static __attribute__((unused))\n" + function(60))
        self.assertEqual(self.findings("size"), [("common/a.c", 1, "size.function")])

    def test_long_function_that_returns_a_struct(self):
        self.write("common/a.c", "struct pair { int a; };\nstruct pair *f(void)\n{\n" + "\n" * 60 + "}\n")
        self.assertEqual(self.findings("size"), [("common/a.c", 2, "size.function")])

    def test_five_nested_braces(self):
        self.write("common/a.c", nested(5))
        self.assertEqual(self.findings("size"), [("common/a.c", 6, "size.nesting")])

    def test_four_nested_braces_are_allowed(self):
        self.write("common/a.c", nested(4))
        self.assertEqual(self.findings("size"), [])

    def test_initialisers_types_and_compound_literals_do_not_nest(self):
        self.write(
            "common/a.c",
            "void f(void)\n{\n    for (;;) {\n        if (1) {\n            switch (1) {\n"
            "            case 1: { /* one more than allowed */\n"
            "                static const struct { int a[2]; } t[] = {{{1, 2}}, {{3, 4}}};\n"
            "                use(t, (struct x){.y = {{1}}});\n"
            "            }\n            }\n        }\n    }\n}\n",
        )
        self.assertEqual(self.findings("size"), [("common/a.c", 6, "size.nesting")])

    def test_braces_in_strings_comments_and_macros_do_not_count(self):
        self.write(
            "common/a.c",
            '#define OPEN {\nconst char *s = "{{{{{" /* {{{ */ "\\"{"; // {{{ \\\n{{{ still\n'
            "int c = '{', d = '\\'';\n" + function(60),
        )
        self.assertEqual(self.findings("size"), [])

    def test_braces_that_balance_in_one_branch_only(self):
        self.write("common/a.c", "int f(void)\n{\n#if X\n    if (1) {\n#else\n    {{\n#endif\n    }\n}\n")
        self.assertEqual(self.findings("size"), [("common/a.c", 9, "size.braces")])

    def test_thirteen_functions_in_a_header(self):
        prototypes = "".join(f"MUST_CHECK int f{i}(int (*fn)(void), int a);\n" for i in range(12))
        others = (
            "typedef int (*some_fn)(int a);\nextern int (*hook)(void);\nextern int value;\n"
            "struct x {\n    int (*call)(void);\n};\n_Static_assert(sizeof(int) == 4, \"\");\n"
        )
        self.write("common/a.h", prototypes + others)
        self.assertEqual(self.findings("size"), [])
        self.write("common/a.h", prototypes + others + "static inline int g(void)\n{\n    return 1;\n}\n")
        self.assertEqual(self.findings("size"), [("common/a.h", 20, "size.prototypes")])


class Layers(Check):
    def expect_include(self, path, include, rule="layers.include"):
        self.write(path, f"\n#include {include}\n")
        self.assertEqual(self.findings("layers"), [(path, 2, rule)])

    def test_common_does_not_see_topics(self):
        self.write("topics/topic.h", "int topic;\n")
        self.expect_include("common/a.c", '"topics/topic.h"')

    def test_core_does_not_see_the_adapter(self):
        self.expect_include("edge-gateway/can/a.c", '"edge-gateway/bus/bus.h"')

    def test_core_sees_only_the_pure_headers_of_common(self):
        self.write("edge-gateway/can/ok.c", '#include "common/buf.h"\n')
        self.expect_include("edge-gateway/can/a.c", '"common/mqtt_link.h"')

    def test_core_sees_no_operating_system(self):
        self.expect_include("edge-gateway/can/a.c", "<unistd.h>")

    def test_a_library_only_where_its_row_names_it(self):
        self.write("common/ok.c", "#include <mosquitto.h>\n#include <sys/epoll.h>\n")
        self.expect_include("edge-gateway/bus/a.c", "<mosquitto.h>")

    def test_headers_are_named_from_the_root(self):
        self.expect_include("common/a.c", '"buf.h"')

    def test_a_header_does_not_include_a_foreign_adapter(self):
        self.write("edge-gateway/bus/ok.c", '#include "common/mqtt_link.h"\n')
        self.write("edge-gateway/app/ok.h", '#include "edge-gateway/bus/bus.h"\n')
        self.write("edge-gateway/bus/ok.h", '#include "edge-gateway/bus/bus.h"\n')
        self.expect_include("edge-gateway/bus/a.h", '"common/mqtt_link.h"')

    def test_an_include_in_a_comment_or_string_is_none(self):
        self.write("common/a.c", '/*\n#include "topics/a.h"\n*/\nchar *s = "\\\n#include <x.h>";\n')
        self.assertEqual(self.findings("layers"), [])

    def test_core_reads_no_clock_and_writes_no_file(self):
        self.write("edge-gateway/can/a.c", "int f(struct x *x, int time)\n{\n    return x->time(1) + time;\n}\n")
        self.assertEqual(self.findings("layers"), [])
        self.write("edge-gateway/can/a.c", "int f(FILE *out);\nlong now(void)\n{\n    return time(0);\n}\n")
        self.assertEqual(
            self.findings("layers"),
            [("edge-gateway/can/a.c", 1, "layers.pure"), ("edge-gateway/can/a.c", 4, "layers.pure")],
        )

    def test_a_folder_without_a_row(self):
        self.write("edge-gateway/extra/a.c", "int a;\n")
        self.assertEqual(self.findings("layers"), [("edge-gateway/extra/a.c", 1, "layers.folder")])

    def test_the_document_names_another_folder(self):
        self.write("ARCHITECTURE.md", ARCHITECTURE.replace("`can/`, `common/`", "`can/`"))
        self.assertEqual(self.findings("layers"), [("ARCHITECTURE.md", 6, "layers.table")])

    def test_the_document_has_one_row_more(self):
        self.write("ARCHITECTURE.md", ARCHITECTURE + "| L1 | `edge-gateway/new/` | x | libc | y |\n")
        self.assertEqual(self.findings("layers"), [("ARCHITECTURE.md", 8, "layers.table")])

    def test_a_table_that_cannot_be_read_is_no_verdict(self):
        self.write("tests/style/layers.txt", LAYERS + "L1 nonsense\n")
        self.assertEqual(self.run_check("layers").returncode, 2)


class Topics(Check):
    def test_topic_text_outside_topics(self):
        for text in ("%s/can/%s", "%s/status", "x/set", "homeassistant/device", "edge/%s", "online"):
            with self.subTest(text):
                self.write("common/a.c", f'const char *const a = "{text}";\n')
                self.assertEqual(self.findings("topics"), [("common/a.c", 1, "topics")])

    def test_literals_are_read_as_the_compiler_joins_them(self):
        self.write("common/a.c", '#define TAIL "%s/se" \\\n    "t"\n')
        self.assertEqual(self.findings("topics"), [("common/a.c", 1, "topics")])

    def test_other_text_is_free(self):
        self.write(
            "common/a.c",
            '// "edge/"\n#include "edge-gateway/can/frame.h"\nchar *a[] = {"/settings", "bridge/x",\n'
            '"is online", "/proc/self/status", "edge-gateway/x"};\n',
        )
        self.write("tests/unit/test_a.c", 'char *a = "edge/site/status";\n')
        self.assertEqual(self.findings("topics"), [])


class Banned(Check):
    def test_each_banned_function(self):
        names = (
            "sprintf strcpy strcat strncpy strtok atoi atof atol sscanf gets sleep usleep nanosleep"
            " system popen alloca"
        )
        for name in names.split():
            with self.subTest(name):
                self.write("common/a.c", f"void f(void)\n{{\n    {name} (x);\n}}\n")
                self.assertEqual(self.findings("banned"), [("common/a.c", 3, "banned.function")])

    def test_a_banned_function_behind_a_macro_or_a_pointer(self):
        for text in ("#define WAIT usleep\n", "void (*fn)(void) = sleep;\n"):
            with self.subTest(text):
                self.write("common/a.c", text)
                self.assertEqual(self.findings("banned"), [("common/a.c", 1, "banned.function")])

    def test_members_and_longer_names_are_free(self):
        self.write("common/a.c", "int snprintf(int);\nint f(void)\n{\n    return x->system(1) + y.gets(2);\n}\n")
        self.assertEqual(self.findings("banned"), [])

    def test_debt_white_space_tab_and_machine_path(self):
        cases = {
            "int a; /* " + "TO" + "DO */\n": "banned.debt",
            "int a; \n": "banned.space",
            "int\ta;\n": "banned.tab",
            'char *a = "' + "/".join(("", "root", "x")) + '";\n': "banned.path",
        }
        for text, rule in cases.items():
            with self.subTest(rule):
                self.write("common/a.c", text)
                self.assertEqual(self.findings("banned"), [("common/a.c", 1, rule)])

    def test_scripts_are_read_too(self):
        self.write("scripts/run", "#!/bin/sh\ncd " + "/".join(("", "work", "main")) + "\n")
        self.assertEqual(self.findings("banned"), [("scripts/run", 2, "banned.path")])


class Exceptions(Check):
    def setUp(self):
        super().setUp()
        self.write("common/a.c", function(61, "one") + function(61, "two"))

    def test_covers_the_function_it_names_and_no_other(self):
        self.write("tests/style/exceptions.txt", "size.function common/a.c:one a table in code\n")
        self.assertEqual(self.findings("size"), [("common/a.c", 62, "size.function")])

    def test_needs_a_reason(self):
        self.write("tests/style/exceptions.txt", "size.function common/a.c:one\n")
        self.assertEqual(self.run_check("size").returncode, 2)

    def test_that_covers_nothing_is_a_finding(self):
        self.write("tests/style/exceptions.txt", "# why\nbanned.tab common/a.c was needed once\n")
        where = "tests/style/exceptions.txt"
        self.assertEqual(self.findings("banned"), [(where, 2, "exceptions")])


if __name__ == "__main__":
    unittest.main()
