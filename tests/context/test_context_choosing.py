"""What goes into a prompt round the code at hand, and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as some

from context.small_workspaces import Workspace
from repo.trees import facts_bytes
from spark_lsp.context.engine import ContextEngine, OpenText
from spark_lsp.context.extras import Extras, RecentEdits
from spark_lsp.core.diagnostics import Diagnostic
from spark_lsp.core.edits import Edit
from spark_lsp.core.history import ChangedLines, EditHistory
from spark_lsp.core.prompt import CHARACTERS_PER_TOKEN
from spark_lsp.core.text import Position, Range, Text

if TYPE_CHECKING:
    from collections.abc import Callable

PYTHON = {
    "pyproject.toml": "[project]\nname = 'shop'\ndependencies = ['attrs>=1', 'rich']\n",
    "shop/__init__.py": "from .orders import Order as Order\nfrom .money import convert as convert\n",
    "shop/money.py": (
        "RATES = {}\n\n\ndef convert(amount, currency):\n    '''Change money.'''\n    return amount\n\n\n"
        "def unrelated_thing():\n    return 1\n"
    ),
    "shop/base.py": (
        "class Model:\n    def save(self):\n        '''Write it down.'''\n        raise NotImplementedError\n\n"
        "    def validate(self, strict):\n        return strict\n"
    ),
    "shop/orders.py": (
        "from .base import Model\nfrom .money import convert\n\n\nclass Order(Model):\n"
        "    def total(self, currency):\n        █\n\n"
        "    def check(self):\n        return self.validate(True)\n"
    ),
    "tests/test_orders.py": (
        "import shop\n\n\ndef test_total():\n    order = shop.Order()\n    assert order.total('EUR') == 1\n\n\n"
        "def test_convert():\n    pass\n"
    ),
}
TYPESCRIPT = {
    "src/types.ts": "export interface Shape {\n  area(): number;\n}\nexport type Unit = 'cm' | 'in';\n",
    "src/index.ts": "export * from './scale';\n",
    "src/scale.ts": "export const scale = (value: number, by: number) => value * by;\nexport function turn() {}\n",
    "src/circle.ts": (
        "import { Shape } from './types';\nimport { scale } from './index';\n\n"
        "export class Circle implements Shape {\n  constructor(private radius: number) {}\n"
        "  area(): number {\n    █\n  }\n}\n"
    ),
}
GO = {
    "go.mod": "module example.org/shop\n",
    "shop/price.go": (
        "package shop\n\ntype Price struct {\n\tCents int\n}\n\n"
        "func (p Price) Add(other Price) Price {\n\treturn p\n}\n"
    ),
    "shop/order.go": (
        'package shop\n\nimport "example.org/shop/shop/tax"\n\ntype Order struct {\n\tPrices []Price\n}\n\n'
        "func (o Order) Total(start Price) Price {\n\t█\n}\n\n"
        "func (o Order) Gross() Price {\n\treturn tax.Apply(o.Total(Price{}))\n}\n"
    ),
    "shop/tax/tax.go": "package tax\n\nfunc Apply(price any) any {\n\treturn price\n}\n\nfunc hidden() {}\n",
    "shop/price_test.go": "package shop\n\nfunc TestPrice(t int) {\n\tprintln(t)\n}\n",
}
JAVA = {
    "src/shop/Money.java": (
        "package shop;\n\npublic class Money {\n  public static Money of(int cents) {\n    return null;\n  }\n}\n"
    ),
    "src/shop/Order.java": (
        "package shop;\n\nclass Order {\n  Money total(int cents) {\n    █\n  }\n\n"
        "  Money zero() {\n    return Money.of(0);\n  }\n}\n"
    ),
}
C = {
    "src/money.h": "#ifndef MONEY_H\n#define MONEY_H\nint convert(int amount, int rate);\n#endif\n",
    "src/order.c": '#include "money.h"\n\nint total(int amount) {\n  █\n  return 0;\n}\n',
}
RUST = {
    "Cargo.toml": "[package]\nname = 'shop'\n",
    "src/lib.rs": "mod money;\nmod order;\n",
    "src/money.rs": "pub fn convert(amount: u32) -> u32 {\n    amount\n}\n",
    "src/order.rs": "use crate::money::convert;\n\npub fn total(amount: u32) -> u32 {\n    █\n}\n",
}


@pytest.mark.parametrize(
    ("files", "path", "needed"),
    [
        (PYTHON, "shop/orders.py", ["def convert(amount, currency):", "class Model:", "def validate(self, strict):"]),
        (TYPESCRIPT, "src/circle.ts", ["export interface Shape {", "export const scale = (value: number, by: number)"]),
        (GO, "shop/order.go", ["type Price struct {", "func (p Price) Add(", "func Apply(price any) any {"]),
        (JAVA, "src/shop/Order.java", ["public class Money {", "public static Money of(int cents) {"]),
        (C, "src/order.c", ["int convert(int amount, int rate);"]),
        (RUST, "src/order.rs", ["pub fn convert(amount: u32) -> u32 {"]),
    ],
    ids=["python", "typescript", "go", "java", "c", "rust"],
)
def test_what_a_body_will_need_is_there(files: dict[str, str], path: str, needed: list[str]) -> None:
    prompt = Workspace(dict(files), path).prompt()
    for line in needed:
        assert line in prompt


def test_an_unused_import_is_the_likeliest_need() -> None:
    workspace = Workspace(dict(PYTHON), "shop/orders.py")
    workspace.prepare()
    definitions = workspace.chosen().chosen.of("definition")
    best = max(definitions, key=lambda part: part.score)
    assert "def convert" in best.text
    assert best.why == "imported and not used yet"
    assert (best.path, best.line) == ("shop/money.py", 3)


def test_a_test_gets_the_module_that_it_tests() -> None:
    files = dict(PYTHON)
    files["tests/test_orders.py"] = files["tests/test_orders.py"].replace("    pass\n", "    █\n")
    files["shop/orders.py"] = files["shop/orders.py"].replace("█", "return convert(1, currency)")
    prompt = Workspace(files, "tests/test_orders.py").prompt()
    assert "class Order(Model):" in prompt
    assert "def convert(amount, currency):" in prompt


def test_a_test_of_another_file_is_nothing_that_code_needs() -> None:
    workspace = Workspace(dict(GO), "shop/order.go")
    assert "TestPrice" not in workspace.prompt()


def test_a_caller_in_another_file_is_shown() -> None:
    files = dict(PYTHON)
    files["shop/report.py"] = "from .orders import summary\n\n\ndef report():\n    return summary(1, strict=True)\n"
    files["shop/orders.py"] = "def summary(order, strict):\n    █\n"
    workspace = Workspace(files, "shop/orders.py")
    assert "summary(1, strict=True)" in workspace.prompt()
    assert [part.path for part in workspace.chosen().chosen.of("caller")] == ["shop/report.py"]


def reported(line: int, message: str, source: str = "") -> Diagnostic:
    return Diagnostic(Range(Position(line, 0), Position(line, 1)), message, source)


def test_the_code_of_other_files_stands_before_the_code_at_hand() -> None:
    history = EditHistory((ChangedLines(0, 1, ("old = 1\n",)),))
    extras = Extras(
        recent=(RecentEdits("shop/money.py", Text.of("RATES = {}\n"), history),),
        diagnostics=(reported(5, "Missing\nreturn", "mypy"), reported(5_000, "far away")),
    )
    prompt = Workspace(dict(PYTHON), "shop/orders.py").prompt(extras=extras)
    order = [
        "Declared dependencies: attrs, rich",
        "shop/base.py:",
        "shop/money.py:\n",
        "-old = 1\n+RATES = {}\n",
        "line 6: Missing return (mypy)",
        "Code after the region:",
        "Code before the region:",
    ]
    places = [prompt.index(piece) for piece in order]
    assert places == sorted(places)
    assert "far away" not in prompt


def test_what_may_not_be_read_is_not_there() -> None:
    workspace = Workspace(dict(PYTHON), "shop/orders.py", denied=frozenset({"shop/money.py"}))
    prompt = workspace.prompt()
    assert "def convert" not in prompt
    assert "class Model:" in prompt
    left_out = {one.name: one.reason for one in workspace.chosen().chosen.left_out}
    assert left_out["convert"] == "unreadable"


def test_a_file_that_is_not_what_was_indexed_is_not_quoted() -> None:
    workspace = Workspace(dict(PYTHON), "shop/orders.py")
    workspace.files["shop/money.py"] = "# all is new\n" * 20
    assert "all is new" not in workspace.prompt()
    left_out = {one.name: one.reason for one in workspace.chosen().chosen.left_out}
    assert left_out["convert"] == "changed"


def test_what_is_left_out_says_why() -> None:
    files = dict(PYTHON)
    files["shop/money.py"] += "".join(f"\n\ndef rate_number_{at}(currency):\n    return {at}\n" for at in range(200))
    workspace = Workspace(files, "shop/orders.py")
    workspace.prepare()
    chosen = workspace.chosen(500).chosen
    assert {one.reason for one in chosen.left_out} == {"budget"}
    assert len(chosen.left_out) <= 50
    shown = {(part.path, part.line) for part in chosen.parts}
    assert not shown & {(one.path, one.line) for one in chosen.left_out}


@pytest.mark.parametrize("tokens", [0, 50, 200, 500, 2_000])
@pytest.mark.parametrize(("files", "path"), [(PYTHON, "shop/orders.py"), (GO, "shop/order.go")])
def test_the_budget_holds(files: dict[str, str], path: str, tokens: int) -> None:
    files = dict(files)
    files[path] += "\n\n# long\n" * 3_000
    recent = RecentEdits(path, Text.of("x\n" * 100), EditHistory((ChangedLines(3, 60, ("y\n",)),)))
    extras = Extras((recent,), tuple(reported(at, "wrong " * 30) for at in range(10)))
    workspace = Workspace(files, path)
    prompt = workspace.prompt(tokens, extras)
    assert len(prompt) <= max(tokens * CHARACTERS_PER_TOKEN, len(f"File: {path} (python)"))


@given(
    text=some.lists(some.sampled_from(["x = 1\n", "def f(a):\n", "\n", "    return a\r\n", "y" * 900 + "\n", "é𝒳\n"])),
    line=some.integers(0, 50),
    column=some.integers(0, 20),
    tokens=some.integers(0, 900),
)
def test_any_text_keeps_to_the_budget_and_stays_exact(text: list[str], line: int, column: int, tokens: int) -> None:
    workspace = Workspace({**PYTHON, "shop/orders.py": "".join(text)}, "shop/orders.py")
    workspace.cursor = workspace.text.clamp(Position(line, column))
    prompt = workspace.prompt(tokens)
    chosen = workspace.chosen(tokens)
    assert len(prompt) <= max(tokens * CHARACTERS_PER_TOKEN, len("File: shop/orders.py (python)"))
    whole = str(workspace.text)
    assert chosen.before in whole
    assert chosen.after in whole
    assert whole.endswith(chosen.after) or chosen.after == "" or chosen.after.endswith(("\n", "\r"))


def test_without_a_graph_the_code_around_gets_all_of_the_budget() -> None:
    workspace = Workspace({"a.txt": "line\n" * 4_000}, "a.txt")
    workspace.cursor = Position(2_000, 0)
    prompt = workspace.prompt(1_000)
    assert 0.8 * 4_000 < len(prompt) <= 4_000


@pytest.mark.parametrize("text", ["", "x", "\n", "\r\n" * 3, "a = '" + "z" * 100_000 + "'\n", "def f(:\n  ((("])
def test_texts_that_are_hardly_any(text: str) -> None:
    workspace = Workspace({**PYTHON, "shop/orders.py": text}, "shop/orders.py")
    workspace.cursor = workspace.text.end
    assert len(workspace.prompt()) <= 8_000


def test_line_endings_stay_in_the_code_at_hand_and_not_in_quotes() -> None:
    files = {path: text.replace("\n", "\r\n") for path, text in PYTHON.items()}
    workspace = Workspace(files, "shop/orders.py")
    prompt = workspace.prompt()
    assert "def convert(amount, currency):" in prompt
    assert "class Order(Model):\r\n" in workspace.chosen().before


def test_the_same_state_gives_the_same_prompt() -> None:
    assert len({Workspace(dict(PYTHON), "shop/orders.py").prompt() for _ in range(4)}) == 1


def test_typing_changes_only_the_end_of_the_prompt() -> None:
    workspace = Workspace(dict(PYTHON), "shop/orders.py")
    last = workspace.prompt()
    shares = []
    for character in "amount = sum(self.lines)\n        return amount":
        workspace.type(character)
        prompt = workspace.prompt_of(workspace.chosen())
        common = next((at for at, (one, two) in enumerate(zip(last, prompt, strict=False)) if one != two), len(last))
        shares.append(common / len(prompt))
        last = prompt
    assert min(shares) >= 0.8


def test_what_is_prepared_stays_while_the_index_catches_up() -> None:
    workspace = Workspace(dict(PYTHON), "shop/orders.py")
    before = workspace.prompt()
    workspace.type("total = 0\n        ")
    workspace.index()
    assert workspace.chosen().chosen.of("definition")
    after = workspace.prompt()
    assert before[: before.index("Code after")] == after[: after.index("Code after")]


def test_preparing_can_be_left_off_and_gone_on_with() -> None:
    whole = Workspace(dict(PYTHON), "shop/orders.py")
    expected = whole.prompt()
    piecemeal = Workspace(dict(PYTHON), "shop/orders.py")
    for _ in range(500):
        steps = piecemeal.engine.prepare(OpenText(piecemeal.path, piecemeal.text), piecemeal.cursor)
        for _ in zip(range(3), steps, strict=False):
            pass
    assert piecemeal.prompt() == expected


def test_a_definition_that_grew_elsewhere_is_shown_as_it_is_now() -> None:
    workspace = Workspace(dict(PYTHON), "shop/orders.py")
    workspace.prepare()
    workspace.files["shop/money.py"] = "def convert(amount, currency, when):\n    return amount\n"
    workspace.graph.put("shop/money.py", "1", facts_bytes("shop/money.py", workspace.files["shop/money.py"]))
    workspace.engine.refresh()
    assert "def convert(amount, currency):" in workspace.prompt_of(workspace.chosen()), "what was known serves first"
    assert "def convert(amount, currency, when):" in workspace.prompt()


def test_a_document_that_was_closed_is_forgotten() -> None:
    workspace = Workspace(dict(PYTHON), "shop/orders.py")
    workspace.prepare()
    workspace.engine.forget("shop/orders.py")
    assert workspace.chosen().chosen.of("definition") == ()


def test_many_documents_are_not_all_kept() -> None:
    workspace = Workspace(dict(PYTHON), "shop/orders.py")
    engine: ContextEngine = workspace.engine
    workspace.prepare()
    for number in range(40):
        engine.for_cursor(OpenText(f"other/{number}.py", Text.of("x = 1\n")), Position(0, 0), 500)
    assert workspace.chosen().chosen.of("definition") == ()


HISTORIES: list[tuple[str, list[Callable[[Text], Edit]], list[tuple[int, int, tuple[str, ...]]]]] = [
    ("one line", [lambda _: Edit(Position(1, 0), Position(1, 1), "B")], [(1, 2, ("b\n",))]),
    (
        "two far apart",
        [lambda _: Edit(Position(0, 0), Position(0, 1), "A"), lambda _: Edit(Position(5, 0), Position(5, 1), "F")],
        [(0, 1, ("a\n",)), (5, 6, ("f\n",))],
    ),
    (
        "two that meet",
        [lambda _: Edit(Position(1, 0), Position(1, 1), "B"), lambda _: Edit(Position(2, 0), Position(2, 1), "C")],
        [(1, 3, ("b\n", "c\n"))],
    ),
    (
        "a line above moves what is below",
        [lambda _: Edit(Position(5, 0), Position(5, 1), "F"), lambda _: Edit(Position(0, 0), Position(0, 0), "new\n")],
        [(6, 7, ("f\n",)), (0, 2, ("a\n",))],
    ),
    (
        "there and back",
        [lambda _: Edit(Position(1, 0), Position(1, 1), "B"), lambda _: Edit(Position(1, 0), Position(1, 1), "b")],
        [],
    ),
    ("a large paste is none", [lambda _: Edit(Position(0, 0), Position(0, 0), "x\n" * 100)], []),
]


@pytest.mark.parametrize(("edits", "expected"), [row[1:] for row in HISTORIES], ids=[row[0] for row in HISTORIES])
def test_recent_edits_are_hunks(
    edits: list[Callable[[Text], Edit]], expected: list[tuple[int, int, tuple[str, ...]]]
) -> None:
    text, history = Text.of("a\nb\nc\nd\ne\nf\ng\n"), EditHistory()
    for make in edits:
        edit = make(text)
        after = text.splice(edit.start, edit.end, edit.new)
        history = history.changed(text, edit, after)
        text = after
    assert [(hunk.line, hunk.end, hunk.old) for hunk in history.hunks] == expected


@given(
    changes=some.lists(
        some.tuples(some.integers(0, 30), some.integers(0, 3), some.sampled_from(["", "x", "\n", "new\nlines\n"])),
        max_size=12,
    )
)
def test_undoing_all_hunks_gives_the_first_text_back(changes: list[tuple[int, int, str]]) -> None:
    first = text = Text.of("".join(f"line {number}\n" for number in range(30)))
    history = EditHistory()
    for line, count, new in changes:
        start = text.clamp(Position(line, 0))
        end = text.clamp(Position(start.line + count, 0))
        edit = Edit(start, end, new)
        after = text.splice(start, end, new)
        history = history.changed(text, edit, after)
        text = after
    lines = list(text.lines)
    if len(history.hunks) < 8:
        for hunk in sorted(history.hunks, key=lambda hunk: -hunk.line):
            lines[hunk.line : hunk.end] = hunk.old
        assert "".join(lines) == str(first)
