from __future__ import annotations

from spark_lsp.core.delivery import Delivery
from spark_lsp.core.diagnostics import Diagnostic
from spark_lsp.core.edits import Edit
from spark_lsp.core.text import ORIGIN, Position, Range
from spark_lsp.features.actions import code_actions
from spark_lsp.features.lenses import code_lenses
from spark_lsp.session import Session

URI = "file:///project/a.py"
CODE = """\
def f(x):
    # TODO: check that x is positive
    return x


def g():
    return 1
"""


def session(code: str = CODE, uri: str = URI) -> Session:
    found = Session(workspace_folders=["/project"])
    document = found.open(uri, "python", 1, code)
    while not document.syntax.advance(lambda: 0.0, 1.0):
        pass
    return found


def test_actions_are_for_the_scope_around_the_cursor() -> None:
    cursor = Range(Position(2, 6), Position(2, 6))
    actions = code_actions(session(), URI, cursor, [])
    assert {action.kind for action in actions} == {
        f"refactor.rewrite.spark.{name}" for name in ("simplify", "types", "errors", "document", "tests")
    }
    assert {action.range for action in actions} == {cursor}, "what encloses it is looked for when the edit begins"


def test_actions_are_for_the_selection() -> None:
    selected = Range(Position(5, 0), Position(6, 12))
    assert {action.range for action in code_actions(session(), URI, selected, [])} == {selected}


def test_a_todo_can_be_implemented() -> None:
    cursor = Range(Position(1, 8), Position(1, 8))
    action = next(action for action in code_actions(session(), URI, cursor, []) if action.kind.endswith("implement"))
    assert action.title == "Spark: Implement this TODO"
    assert action.instruction.endswith("TODO: check that x is positive")


def test_a_diagnostic_can_be_fixed() -> None:
    span = Range(Position(6, 4), Position(6, 10))
    fix = code_actions(session(), URI, span, [Diagnostic(span, "too\nsimple", "lint")])[0]
    assert fix.kind == "quickfix"
    assert fix.diagnostic == 0
    assert "line 7" in fix.instruction
    assert "(lint): too simple" in fix.instruction


def test_nothing_is_offered_where_nothing_may_be_sent() -> None:
    uri = "file:///project/.env"
    assert code_actions(session("KEY=1\n", uri), uri, Range(ORIGIN, ORIGIN), []) == []
    assert code_actions(session(), "file:///not/open.py", Range(ORIGIN, ORIGIN), []) == []


def test_nothing_is_offered_for_nothing() -> None:
    assert code_actions(session("\n\n\n"), URI, Range(Position(1, 0), Position(1, 0)), []) == []


def test_lenses_keep_and_revert_every_hunk_of_the_last_edit() -> None:
    found = session()
    document = found.documents[URI]
    delivery = Delivery(document.text)
    edit = found.begin_edit(document, delivery, "Spark: x")
    for line in (2, 6):
        delivery.add((Edit(Position(line, 4), Position(line, 10), "yield"),), 1, 1)
    batch = delivery.send()
    assert batch
    assert code_lenses(found, URI) == []
    document.change(reversed(batch), 2)
    delivery.answered(applied=True)
    assert code_lenses(found, URI) == [], "it still runs"
    edit.done = True
    assert [(lens.title, lens.position.line, lens.hunk) for lens in code_lenses(found, URI)] == [
        ("Keep all 2", 2, None),
        ("Revert all", 2, None),
        ("Keep (+1 −1)", 2, 1),
        ("Revert", 2, 1),
        ("Keep (+1 −1)", 6, 2),
        ("Revert", 6, 2),
    ]
    found.forget(edit)
    assert code_lenses(found, URI) == []
