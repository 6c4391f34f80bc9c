"""Next edits as plug-ins for them see them, and as the command applies them: shown, accepted, refused, undone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from spark_lsp.core.text import Position
from spark_lsp.endpoints.transport import EndpointClient
from spark_lsp.features.next_edit import NextEdits
from spark_lsp.ledger.refusals import Refusals
from support.answering_endpoint import AnsweringEndpoint
from support.peer import SETTINGS, Manners, Peer, offset_of, position_of
from support.virtual_time import run

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

CODE = """\
import store


def load(key):
    return store.fetch_all(key)


def save(key, value):
    store.fetch_all(key)
    return value


def drop(key):
    print("nothing")
    store.fetch_all(key)
"""
BLOCKS = """\
def f():
    log.debug(state)
    value = make(1)
    return value


if DEBUG:
    def g():
        log.debug(state)
        value = make(1)
        return value
"""


class NextEditPeer(Peer):
    """An editor whose user replaces texts and asks for what comes next."""

    def replace(self, old: str, new: str) -> None:
        start = self.text.index(old)
        self.edit(start, start + len(old), new)
        self.at = position_of(self.text, start, self.manners.encoding)

    async def ask(self) -> dict[str, Any] | None:
        document = {"uri": self.uri, "version": self.version}
        params = {"textDocument": document, "position": self.at}
        edits = (await self.request("textDocument/copilotInlineEdit", params))["result"]["edits"]
        return edits[0] if edits else None

    def with_edit(self, edit: dict[str, Any]) -> str:
        start, end = self.span_of(edit)
        new: str = edit["text"]
        return self.text[:start] + new + self.text[end:]

    def span_of(self, edit: dict[str, Any]) -> tuple[int, int]:
        encoding = self.manners.encoding
        return (
            offset_of(self.text, edit["range"]["start"], encoding),
            offset_of(self.text, edit["range"]["end"], encoding),
        )

    async def accept(self, edit: dict[str, Any]) -> None:
        self.edit(*self.span_of(edit), edit["text"])
        await self.command(edit["command"]["command"], edit["command"]["arguments"][0])

    async def next_edit(self) -> dict[str, Any] | None:
        argument = {"textDocument": {"uri": self.uri}, "position": self.at}
        result: dict[str, Any] | None = (await self.command("spark.nextEdit", argument))["result"]
        return result


async def peer(text: str = CODE, *, settings: dict[str, Any] | None = None, **more: Any) -> NextEditPeer:
    manners = Manners(**more.pop("manners", {}))
    endpoint = more.pop("endpoint", None) or AnsweringEndpoint(lambda _: "")
    found = NextEditPeer(manners, endpoints=EndpointClient(endpoint))
    await found.start(SETTINGS | (settings or {}))
    found.open(text, **more)
    return found


def played(play: Callable[[], Coroutine[Any, Any, None]]) -> None:
    run(play())


def test_one_after_another_is_shown_and_accepted() -> None:
    async def play() -> None:
        editor = await peer()
        editor.replace("fetch_all", "fetch_one")
        for count in (2, 3):
            edit = await editor.ask()
            assert edit is not None
            assert edit["textDocument"] == {"uri": editor.uri, "version": editor.version}
            assert editor.with_edit(edit) == CODE.replace("fetch_all", "fetch_one", count)
            await editor.accept(edit)
        assert await editor.ask() is None

    played(play)


def test_the_same_edit_is_for_the_text_as_it_is_now() -> None:
    async def play() -> None:
        window = 'def drop(key):\n    print("something else")\n    store.fetch_all(key)\n'
        editor = await peer(endpoint=AnsweringEndpoint(lambda _: f"```python\n{window}```\n"))
        editor.replace('"nothing"', '"anything"')
        at, first = editor.at, await editor.ask()
        assert first is not None
        editor.replace("import store", "import  store")
        editor.at = at
        again = await editor.ask()
        assert again is not None
        assert again["command"] == first["command"]
        assert again["range"] == first["range"]
        assert again["textDocument"] == {"uri": editor.uri, "version": editor.version}

    played(play)


def test_columns_are_in_the_units_of_the_client() -> None:
    async def play() -> None:
        text = CODE.replace("    store.", '    "😀"; store.').replace("return store.", 'return "😀", store.')
        editor = await peer(text)
        editor.replace("store.fetch_all", "store.fetch_one")
        edit = await editor.ask()
        assert edit is not None
        assert editor.with_edit(edit) == text.replace("fetch_all", "fetch_one", 2)

    played(play)


def test_what_was_refused_is_not_shown_again_and_what_comes_after_it_is() -> None:
    async def play() -> None:
        editor = await peer()
        editor.replace("fetch_all", "fetch_one")
        edit = await editor.ask()
        assert edit is not None
        identity = edit["command"]["arguments"][0]
        editor.notify("textDocument/didShowInlineEdit", {"item": {"command": {"arguments": [identity]}}})
        editor.notify("spark/didReject", identity)
        second = await editor.ask()
        assert second is not None
        assert second["range"]["start"]["line"] > edit["range"]["start"]["line"]
        editor.notify("spark/didReject", second["command"]["arguments"][0])
        assert await editor.ask() is None

    played(play)


def test_what_was_undone_is_not_offered_again() -> None:
    async def play() -> None:
        editor = await peer()
        editor.replace("fetch_all", "fetch_one")
        edit = await editor.ask()
        assert edit is not None
        await editor.accept(edit)
        editor.undo()
        again = await editor.ask()
        assert again is None or again["range"]["start"]["line"] > edit["range"]["start"]["line"]

    played(play)


def test_an_edit_moves_with_the_text_and_is_accepted_there() -> None:
    async def play() -> None:
        editor = await peer()
        editor.replace("fetch_all", "fetch_one")
        edit = await editor.ask()
        assert edit is not None
        editor.edit(0, 0, "import sys\n")
        editor.at = {"line": editor.at["line"] + 1, "character": 0}
        moved = await editor.ask()
        assert moved is not None
        assert moved["range"]["start"]["line"] == edit["range"]["start"]["line"] + 1
        assert moved["command"] == edit["command"], "it is the same one"

    played(play)


def test_an_edit_is_withdrawn_when_its_place_changes() -> None:
    async def play() -> None:
        editor = await peer()
        editor.replace("fetch_all", "fetch_one")
        edit = await editor.ask()
        assert edit is not None
        start, end = editor.span_of(edit)
        editor.edit(start, end, "    pass")
        other = await editor.ask()
        assert other is None or other["command"] != edit["command"]

    played(play)


def test_the_command_applies_one_after_another_and_says_what_it_did() -> None:
    async def play() -> None:
        editor = await peer()
        editor.replace("fetch_all", "fetch_one")
        results = [await editor.next_edit(), await editor.next_edit()]
        assert [result and result["status"] for result in results] == ["applied", "applied"]
        assert results[0] is not None
        assert [hunk["range"]["start"]["line"] for hunk in results[0]["hunks"]] == [8]
        assert editor.text == CODE.replace("fetch_all", "fetch_one")
        assert await editor.next_edit() is None

    played(play)


def test_the_command_looks_in_front_of_the_last_edit_too() -> None:
    async def play() -> None:
        text = CODE.replace("fetch_all(key)", "fetch_all(key, 1)")
        editor = await peer(text)
        for _ in range(2):
            start = editor.text.rindex("fetch_all(key, 1)")
            editor.edit(start, start + 17, "fetch_all(key)")
            editor.at = position_of(editor.text, start, editor.manners.encoding)
        editor.edit(len(editor.text), len(editor.text), "done()\n")
        assert await editor.ask() is None
        assert (await editor.next_edit() or {})["status"] == "applied"
        assert editor.text == text.replace("(key, 1)", "(key)") + "done()\n"

    played(play)


def test_edits_of_several_lines_insert_and_delete() -> None:
    async def play() -> None:
        editor = await peer(BLOCKS)
        editor.replace("    value = make(1)\n    return value\n", "    return make(1)\n")
        assert (await editor.next_edit() or {})["status"] == "applied"
        assert editor.text == BLOCKS.replace("value = make(1)\n    return value", "return make(1)").replace(
            "value = make(1)\n        return value", "return make(1)"
        )

    played(play)


def test_line_endings_of_the_document_are_kept() -> None:
    async def play() -> None:
        text = BLOCKS.replace("\n", "\r\n")
        editor = await peer(text)
        editor.replace("    value = make(1)\r\n    return value\r\n", "    return make(1)\r\n")
        await editor.next_edit()
        assert editor.text.count("return make(1)\r\n") == 2
        assert "\n" not in editor.text.replace("\r\n", "")

    played(play)


def test_settings_turn_it_off() -> None:
    async def play() -> None:
        for settings in ({"nextEdit": {"enabled": False}}, {"nextEdit": {"offline": False}}):
            editor = await peer(settings=settings)
            editor.replace("fetch_all", "fetch_one")
            assert await editor.ask() is None

    played(play)


def test_nothing_is_told_from_files_that_are_nobodys_business() -> None:
    async def play() -> None:
        editor = await peer(uri="file:///project/.env")
        editor.replace("fetch_all", "fetch_one")
        assert await editor.ask() is None
        assert await editor.next_edit() is None

    played(play)


def test_other_open_files_come_when_this_one_is_done() -> None:
    async def play() -> None:
        editor = await peer()
        server = editor.server
        other = "file:///project/other.py"
        server.session.open(other, "python", 1, CODE)
        server.session.open("file:///project/.env", "python", 1, CODE)
        editor.replace("    return store.fetch_all(key)", "    return store.fetch_one(key)")
        await asyncio.sleep(0.01)
        known: Any = SimpleNamespace(graph=SimpleNamespace(hashes={"example.py", "other.py", ".env"}))
        services = replace(server.services, context_of=lambda uri: (known, uri.rsplit("/", 1)[-1]))
        next_edits = NextEdits(services, Refusals(None))
        found = []
        for _ in range(4):
            shown = next_edits.suggest(editor.uri, Position(4, 0))
            if shown is None:
                break
            found.append((shown.next_edit.uri, shown.edits[0].start.line))
            next_edits.refused(shown.item_id)
        assert [line for uri, line in found if uri == editor.uri] == [8, 14]
        assert {uri for uri, _ in found} <= {editor.uri, other}, "what may not be quoted is left alone"
        assert found[2][0] == other

    played(play)


def test_what_is_typed_key_by_key_is_an_example_like_any_other() -> None:
    async def play() -> None:
        editor = await peer()
        start = editor.text.index("fetch_all")
        for _ in range(3):
            editor.edit(start + 6, start + 7, "")
        for at, key in enumerate("one"):
            editor.edit(start + 6 + at, start + 6 + at, key)
        editor.at = position_of(editor.text, start + 9, editor.manners.encoding)
        edit = await editor.ask()
        assert edit is not None
        assert editor.with_edit(edit) == CODE.replace("fetch_all", "fetch_one", 2)

    played(play)


def test_a_client_that_can_is_asked_to_show_where_it_was_applied() -> None:
    async def play() -> None:
        editor = await peer()
        editor.server.editor.client = replace(editor.server.editor.client, shows_documents=True)
        editor.replace("fetch_all", "fetch_one")
        await editor.next_edit()
        await asyncio.sleep(1)
        shown = [one["params"] for one in editor.received if one["method"] == "window/showDocument"]
        assert [(one["uri"], one["selection"]["start"]["line"]) for one in shown] == [(editor.uri, 8)]

    played(play)


def test_plain_clients_have_a_code_action_and_a_lens() -> None:
    async def play() -> None:
        editor = await peer()
        editor.replace("fetch_all", "fetch_one")
        document = {"uri": editor.uri}
        lenses = (await editor.request("textDocument/codeLens", {"textDocument": document}))["result"]
        assert [lens["command"]["title"] for lens in lenses] == ["Spark: next edit: line 9"]
        context = {"diagnostics": [], "only": ["refactor.rewrite.spark.next-edit"]}
        span = {"start": editor.at, "end": editor.at}
        params = {"textDocument": document, "range": span, "context": context}
        actions = (await editor.request("textDocument/codeAction", params))["result"]
        assert [action["title"] for action in actions] == ["Spark: next edit: line 9"]
        command = actions[0]["command"]
        assert (await editor.command(command["command"], command["arguments"][0]))["result"]["status"] == "applied"
        assert editor.text == CODE.replace("fetch_all", "fetch_one", 2)
        await editor.ask()
        lenses = (await editor.request("textDocument/codeLens", {"textDocument": document}))["result"]
        assert all(lens["command"]["command"] != "spark.nextEdit" for lens in lenses), "a plug-in shows them"
        actions = (await editor.request("textDocument/codeAction", params))["result"]
        assert all("next edit" not in action["title"] for action in actions), "a plug-in shows them"

    played(play)


def test_what_plug_ins_tell_is_taken_as_it_comes() -> None:
    async def play() -> None:
        editor = await peer()
        told: list[dict[str, Any]] = [
            {},
            {"item": None},
            {"item": {"command": {"arguments": ["x"]}}},
            {"item": {"command": {}}},
        ]
        for params in told:
            for method in ("didShowInlineEdit", "didShowCompletion", "didPartiallyAcceptCompletion", "didFocus"):
                editor.notify(f"textDocument/{method}", {**params, "acceptedLength": 3})
        editor.replace("fetch_all", "fetch_one")
        assert await editor.ask() is not None
        answer = await editor.request("textDocument/copilotInlineEdit", {"textDocument": {"uri": 3}})
        assert answer["error"]["code"] == -32602

    played(play)


def test_a_model_is_asked_where_no_rule_tells() -> None:
    """Its answer is moved over what is typed meanwhile; where that is in its place, there is none."""

    async def play() -> None:
        window = 'def drop(key):\n    print("something else")\n    store.fetch_all(key)\n'
        endpoint = AnsweringEndpoint(lambda _: f"```python\n{window}```\n")
        editor = await peer(endpoint=endpoint)
        editor.replace('"nothing"', '"anything"')
        at = editor.at
        answer = editor.start_request(
            "textDocument/copilotInlineEdit",
            {"textDocument": {"uri": editor.uri, "version": editor.version}, "position": at},
        )[1]
        await asyncio.sleep(0.05)
        editor.edit(0, 0, "import os\n")
        edits = (await answer)["result"]["edits"]
        assert len(endpoint.calls) == 1
        assert len(edits) == 1
        assert edits[0]["textDocument"]["version"] == editor.version
        assert 'print("something else")' in editor.with_edit(edits[0])

        editor.replace('"anything"', '"anything at all"')
        answer = editor.start_request(
            "textDocument/copilotInlineEdit",
            {"textDocument": {"uri": editor.uri, "version": editor.version}, "position": editor.at},
        )[1]
        await asyncio.sleep(0.05)
        editor.replace('"anything at all"', '"none"')
        assert (await answer)["result"]["edits"] == []

    run(play())
