"""An edit streams in while the user types and the client misbehaves, thousands of times, in virtual time.

Every character that must survive is a character of its own: those outside the region and those that the user
types. So nothing of what the server does needs to be repeated here to tell whether it was right.
"""

from __future__ import annotations

import asyncio
import os
import random
from dataclasses import dataclass, field

import pytest

from spark_lsp.endpoints.transport import EndpointClient
from support.peer import SETTINGS, URI, Manners, Peer
from support.scripted_endpoint import Answer, ScriptedEndpoint
from support.virtual_time import run

RUNS = int(os.environ.get("SPARK_INTERLEAVINGS", "400"))
PARTS = 8

ABOVE, BELOW, TYPED = 0x4E00, 0x6E00, 0x20000
"""Where the characters above the region, below it, and those that the user types begin. The last are astral."""


@dataclass
class Case:
    """One interleaving, made from a seed."""

    seed: int
    random: random.Random = field(init=False)
    typed: int = 0
    removed_something: bool = False
    typed_line_endings: bool = False

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        choose = self.random
        self.ending = choose.choice(["\n", "\n", "\r\n"])
        self.manners = Manners(
            encoding=choose.choice(["utf-8", "utf-16", "utf-32"]),
            versions=choose.choice(["honours", "ignores", "lies"]),
            latency=choose.choice([0.0005, 0.005, 0.03]),
            report=choose.choice([0.0, 0.0, 0.02, 0.15]),
            answers_first=choose.random() < 0.4,
            full_sync=choose.random() < 0.15,
        )
        if self.manners.full_sync and self.manners.versions == "ignores":
            # One text for what the user and a misplaced batch did: nobody could tell the two apart.
            self.manners.report = 0.0
        self.above = self._precious(ABOVE, choose.randint(0, 5))
        self.below = self._precious(BELOW, choose.randint(0, 5))
        # A first line that stays tells that the reply's indentation is meant as it is.
        old = [self._code_line() for _ in range(choose.randint(1, 25))]
        self.region = self._joined(["def first():", *old])
        self.after = self._joined(["def first():", *self._changed(old)])
        self.text = self.above + self.region + self.below

    def _precious(self, start: int, lines: int) -> str:
        return "".join(
            "".join(chr(start + 10 * line + column) for column in range(self.random.randint(1, 8))) + self.ending
            for line in range(lines)
        )

    def _code_line(self) -> str:
        indentation = "    " * self.random.randint(0, 2)
        return indentation + self.random.choice(["}", "", "pass", f"call({self.random.randint(0, 9)})"]) or "x = 1"

    def _joined(self, lines: list[str]) -> str:
        return "".join(line + self.ending for line in lines)

    def _changed(self, old: list[str]) -> list[str]:
        new = list(old)
        for _ in range(self.random.randint(1, 5)):
            place = self.random.randint(0, len(new))
            match self.random.choice(["insert", "delete", "change"]):
                case "insert":
                    new[place:place] = [
                        f"new_{self.random.randint(0, 9)} = 1" for _ in range(self.random.randint(1, 3))
                    ]
                case "delete":
                    del new[place : place + self.random.randint(1, 3)]
                case "change":
                    if place < len(new):
                        new[place] += f" + changed({self.random.randint(0, 9)})"
        return new

    def type_something(self) -> str:
        size = self.random.randint(1, 4)
        self.typed += size
        text = "".join(chr(TYPED + self.typed - size + index) for index in range(size))
        if self.random.random() < 0.15:
            self.typed_line_endings = True
            text += self.ending
        return text


def precious(text: str) -> list[str]:
    return [character for character in text if ord(character) >= ABOVE]


class User:
    """Types at random, and knows which characters must be there in the end."""

    def __init__(self, case: Case, peer: Peer) -> None:
        self.case = case
        self.peer = peer
        self.alive = set(precious(case.text))

    def act(self) -> None:
        peer, choose = self.peer, self.case.random
        before = set(precious(peer.text))
        place = self._place()
        match choose.choice(["insert", "insert", "insert", "delete", "undo", "replace"]):
            case "insert":
                peer.edit(place, place, self.case.type_something())
            case "delete":
                end = self._outside_endings(min(len(peer.text), place + choose.randint(1, 5)))
                if place < end:
                    self.case.removed_something = True
                    peer.edit(place, end, "")
            case "replace":
                end = self._outside_endings(min(len(peer.text), place + choose.randint(0, 2)))
                self.case.removed_something = self.case.removed_something or end > place
                peer.edit(place, max(place, end), self.case.type_something())
            case "undo":
                self.case.removed_something = True
                peer.undo()
        now = set(precious(peer.text))
        self.alive = (self.alive - (before - now)) | (now - before)

    def _place(self) -> int:
        return self._outside_endings(self.case.random.randint(0, len(self.peer.text)))

    def _outside_endings(self, place: int) -> int:
        text = self.peer.text
        return place - 1 if text[place - 1 : place + 1] == "\r\n" and place else place


async def interleave(case: Case) -> None:
    choose = case.random
    answer = Answer.text(case.after, first=choose.choice([0.0, 0.02, 0.2]), each=choose.choice([0.0, 0.001, 0.01]))
    peer = Peer(case.manners, endpoints=EndpointClient(ScriptedEndpoint(answer)))
    restyle = choose.choice(["keep", "keep", "drop"])
    await peer.start(
        SETTINGS | {"edit": {"apply": choose.choice(["stream", "stream", "stream", "once"]), "restyle": restyle}}
    )
    peer.open(case.text)
    user = User(case, peer)
    start = len(case.above)
    request, result = peer.spark_edit("change it", start, start + len(case.region))
    cancelled = choose.random() < 0.15
    for _ in range(choose.choice([0, 1, 2, 4, 8])):
        await asyncio.sleep(choose.choice([0.0, 0.001, 0.01, 0.05]))
        user.act()
    if cancelled:
        await asyncio.sleep(choose.choice([0.0, 0.01, 0.1]))
        if choose.random() < 0.5:
            peer.notify("$/cancelRequest", {"id": request})
        else:
            await peer.command("spark.cancel")
    outcome = (await asyncio.wait_for(result, 200))["result"]
    await asyncio.sleep(5)
    await peer.request("textDocument/codeLens", {"textDocument": {"uri": URI}})

    text = peer.text
    assert str(peer.server.session.documents[URI].text) == text, "the server knows the editor's text"
    assert sorted(precious(text)) == sorted(user.alive), "no keystroke is lost, and nothing outside the region"
    above = [index for index, character in enumerate(text) if ABOVE <= ord(character) < BELOW]
    below = [index for index, character in enumerate(text) if BELOW <= ord(character) < TYPED]
    code = [index for index, character in enumerate(text) if 32 < ord(character) < 127]
    assert not (above and code) or above[-1] < code[0], "nothing of the model's above its region"
    assert not (below and code) or code[-1] < below[0], "nothing of the model's below its region"
    if case.removed_something or case.typed_line_endings:
        return
    without_typing = "".join(character for character in text if ord(character) < TYPED)
    if outcome["status"] == "applied" and "message" not in outcome:
        assert without_typing == case.above + case.after + case.below, "what does not overlap is exactly the merge"
    if outcome["status"] in ("cancelled", "failed") and "message" not in outcome:
        assert without_typing == case.text, "what is cancelled leaves nothing behind"
    if not case.typed and not cancelled and restyle == "keep":
        # What is only style may be left out otherwise: see test_restyling.py.
        assert outcome["status"] == ("applied" if case.after != case.region else "unchanged"), outcome


@pytest.mark.parametrize("part", range(PARTS))
def test_typing_into_an_edit_that_streams(part: int) -> None:
    for seed in range(part, RUNS, PARTS):
        try:
            run(interleave(Case(seed)))
        except BaseException as error:
            error.add_note(f"seed {seed}: run(interleave(Case({seed}))) repeats it")
            raise
