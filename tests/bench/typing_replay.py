"""Somebody types the lines that real commits added, for ten minutes, with a person's pauses and slips: every key.

The keys are the same for everybody who is compared. Two simple ways to ask for ghost text are played here on paper.
"""

from __future__ import annotations

import random
import re
import string
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Literal

from bench.data import rows
from bench.parsers import LANGUAGES, parses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SECONDS = 600.0
LATENCY = 0.001
"""One way, between the editor and a server."""
FIRST, EACH = 0.15, 0.001
"""Of the model: the time to its first token and that between two."""
CHARACTERS_PER_TOKEN = 4
NEVER = float("inf")
MISTAKE, SURPRISE = "_mistaken", "surprise"
ENOUGH = 4
"""Characters that must be right."""


@dataclass(frozen=True)
class Task:
    """A block of lines to type into a file. `text` is the file without it."""

    name: str
    language: str
    text: str
    offset: int
    block: str
    """Begins with the line ending that is typed first."""

    @property
    def after(self) -> str:
        return self.text[self.offset :]


@dataclass(frozen=True)
class Stroke:
    """A change of the text, at a moment. Offsets are those of code points in the document."""

    at: float
    kind: Literal["open", "type", "delete", "accept"]
    task: Task
    start: int
    end: int
    new: str
    typed: str
    """What stands between the beginning of the block and the cursor after it."""

    @property
    def rest(self) -> str | None:
        return self.task.block[len(self.typed) :] if self.task.block.startswith(self.typed) else None


@dataclass(frozen=True)
class Model:
    """Says the rest of the block as far as it can know it, and something that is not meant where something is wrong.

    It knows the whole block, or all of it but a word every so many characters, for which it says another one until the
    word is begun.
    """

    characters_between_surprises: int | None = None

    def answer(self, stroke: Stroke) -> str:
        rest = stroke.rest
        if rest is None:
            return MISTAKE
        begun = len(stroke.typed)
        said, at = "", begun
        for start, end in _surprises(stroke.task, self.characters_between_surprises):
            if start >= begun:
                said += stroke.task.block[at:start] + SURPRISE
                at = end
        return said + stroke.task.block[at:]


@cache
def _surprises(task: Task, every: int | None) -> list[tuple[int, int]]:
    """Words of the block, at random, by where they begin and end."""
    if every is None:
        return []
    choose = random.Random(task.name)
    words, following = [], 0
    for word in re.finditer(r"[A-Za-z_]{3,}", task.block):
        other = task.block[: word.start()] + SURPRISE + task.block[word.end() :]
        # No keyword: what does not parse is not shown, and the surprise is to be one of the user's.
        if word.start() >= following and parses(task.language, task.text[: task.offset] + other + task.after):
            words.append(word.span())
            following = word.end() + choose.randint(every // 3, every * 5 // 3)
    return words


def is_right(shown: str, rest: str | None) -> bool:
    """A suggestion is of use: it says the next characters that are to be typed."""
    said = shown[: max(ENOUGH, len(shown) - len(shown.lstrip()) + 1)]
    return bool(said.strip()) and rest is not None and rest.startswith(said)


def tokens_of(text: str) -> int:
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def tasks(seed: int = 11) -> Iterator[Task]:
    """Blocks from both of the data's files in turns, in random order."""
    choose = random.Random(seed)
    from_files, from_windows = rows("next_edits"), rows("rewrites")
    choose.shuffle(from_files)
    choose.shuffle(from_windows)
    for one, other in zip(_from_files(from_files), _from_windows(from_windows), strict=False):
        yield one
        yield other


def _from_files(its_rows: Sequence[dict[str, object]]) -> Iterator[Task]:
    for row in its_rows:
        text, future = row["text"], row["future"]
        assert isinstance(text, str)
        assert isinstance(future, list)
        lines = text.split("\n")
        for hunk in future:
            if row["language"] in LANGUAGES and not hunk["old"] and 0 < hunk["line"] < len(lines):
                offset = sum(len(line) + 1 for line in lines[: hunk["line"]]) - 1
                if (task := _task(row, text, offset, "".join(hunk["new"]))) is not None:
                    yield task
                    break


def _from_windows(its_rows: Sequence[dict[str, object]]) -> Iterator[Task]:
    for row in its_rows:
        if row["language"] in LANGUAGES and row["kind"] == "insert":
            before, after = row["before"], row["after"]
            assert isinstance(before, str)
            assert isinstance(after, str)
            old, new = before.split("\n"), after.split("\n")
            head = next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), len(old))
            if head and new[len(new) - (len(old) - head) :] == old[head:]:
                offset = sum(len(line) + 1 for line in old[:head]) - 1
                block = "".join(f"{line}\n" for line in new[head : len(new) - (len(old) - head)])
                if (task := _task(row, before, offset, block)) is not None:
                    yield task


def _task(row: dict[str, object], text: str, offset: int, new: str) -> Task | None:
    block = "\n" + new.removesuffix("\n")
    good = new.endswith("\n") and new.isascii() and "\r" not in text and new.count("\n") <= 24
    if not good or len(new.strip()) < 20 or text[offset : offset + 1] != "\n":
        return None
    language = str(row["language"])
    # Whether a suggestion leaves a sound file can only be told where both are.
    if not parses(language, text) or not parses(language, text[:offset] + block + text[offset:]):
        return None
    return Task(str(row["id"]), language, text, offset, block)


@dataclass
class Typist:
    """Turns blocks into strokes."""

    choose: random.Random
    at: float = 3.0
    strokes: list[Stroke] = field(default_factory=list)

    def type(self, task: Task) -> None:
        self.at += self.choose.uniform(1.5, 3.0)
        self._add("open", task, 0, "", "")
        typed = ""
        self.at += self.choose.uniform(0.5, 2.0)
        while len(typed) < len(task.block):
            key = self._next_key(task.block, len(typed))
            thinks = self._pause(typed, key)
            if thinks and self.choose.random() < 0.5:
                key = self._rest_of_line(task.block, len(typed))
                self._add("accept", task, 0, key, typed + key)
            elif key.isalpha() and self.choose.random() < 0.015:
                self._slip(task, typed, key)
                continue
            else:
                self._add("type", task, 0, key, typed + key)
            typed += key

    def _add(
        self, kind: Literal["open", "type", "delete", "accept"], task: Task, back: int, new: str, typed: str
    ) -> None:
        """`back` characters before the cursor go away, `new` ones come."""
        end = task.offset + len(typed) - len(new) + back
        self.strokes.append(Stroke(self.at, kind, task, end - back, end, new, typed))

    @staticmethod
    def _next_key(block: str, at: int) -> str:
        """A character; a line ending brings the indentation of the next line with it, as in editors."""
        if block[at] != "\n":
            return block[at]
        end = at + 1
        while end < len(block) and block[end] in " \t":
            end += 1
        return block[at:end]

    @staticmethod
    def _rest_of_line(block: str, at: int) -> str:
        end = block.find("\n", at + 1)
        return block[at:] if end < 0 else block[at:end]

    def _pause(self, typed: str, key: str) -> bool:
        """Let time go by before a key; True if it was for thinking."""
        last = typed[-1:]
        in_word = last.isalnum() and key.isalnum()
        at_line = "\n" in typed and not typed.rsplit("\n", 1)[1].strip()
        thinks = self.choose.random() < (0.2 if at_line else 0.0 if in_word else 0.03)
        if thinks:
            self.at += self.choose.uniform(2.0, 6.0)
        elif at_line or key[0] == "\n":
            self.at += self.choose.uniform(0.25, 0.9)
        elif in_word:
            self.at += self.choose.uniform(0.06, 0.18)
        else:
            self.at += self.choose.uniform(0.12, 0.4)
        return thinks

    def _slip(self, task: Task, typed: str, key: str) -> None:
        """A wrong letter, perhaps some more before it is seen, and back again."""
        wrong = self.choose.choice([letter for letter in string.ascii_lowercase if letter != key.lower()])
        for letter in [wrong, *task.block[len(typed) + 1 :][: self.choose.randint(0, 2)]]:
            if letter == "\n":
                break
            typed += letter
            self._add("type", task, 0, letter, typed)
            self.at += self.choose.uniform(0.06, 0.18)
        self.at += self.choose.uniform(0.2, 0.5)
        while not task.block.startswith(typed):
            typed = typed[:-1]
            self._add("delete", task, 1, "", typed)
            self.at += self.choose.uniform(0.1, 0.16)


def strokes(seed: int = 11) -> list[Stroke]:
    """Ten minutes of them."""
    typist = Typist(random.Random(seed))
    for task in tasks(seed):
        typist.type(task)
        if typist.at >= SECONDS:
            break
    return [stroke for stroke in typist.strokes if stroke.at < SECONDS]


@dataclass
class Outcome:
    """What came of a replay, stroke by stroke."""

    shown_at: list[float] = field(default_factory=list)
    """When something right was on the screen after each stroke and before the next; NEVER if it was not."""
    by_answer: list[bool] = field(default_factory=list)
    """It came with an answer then, and did not stay from before."""
    covered: int = 0
    """Characters that stood on the screen before they were typed or accepted."""
    requests: int = 0
    used: int = 0
    """Requests of whose answer at least one character was typed or accepted."""
    prompt_tokens: float = 0.0
    output_tokens: float = 0.0


def play_on_paper(
    its_strokes: Sequence[Stroke], model: Model, wait: float, tokens_by_task: dict[str, float], mean: float
) -> Outcome:
    """Ask so many seconds after every stroke that no other one has followed; cancel when one does."""
    outcome = Outcome()
    ghost, ghost_is_used = "", True
    for number, stroke in enumerate(its_strokes):
        following = its_strokes[number + 1].at if number + 1 < len(its_strokes) else stroke.at + 10
        if stroke.new and ghost.startswith(stroke.new):
            outcome.covered += len(stroke.new)
            outcome.used += not ghost_is_used
            ghost_is_used = True
            ghost = ghost[len(stroke.new) :]
        else:
            ghost = ""
        was_right = is_right(ghost, stroke.rest)
        outcome.shown_at.append(stroke.at if was_right else NEVER)
        outcome.by_answer.append(False)
        asked = stroke.at + wait + LATENCY
        if stroke.kind == "open" or asked - LATENCY >= following:
            continue
        answer = model.answer(stroke)
        ready = asked + FIRST + max(0, tokens_of(answer) - 1) * EACH + LATENCY
        outcome.requests += 1
        outcome.prompt_tokens += tokens_by_task.get(stroke.task.name, mean)
        outcome.output_tokens += max(0.0, min(tokens_of(answer), (following - asked - FIRST) / EACH))
        if ready < following:
            ghost, ghost_is_used = answer, False
            if is_right(ghost, stroke.rest) and not was_right:
                outcome.shown_at[-1] = ready
                outcome.by_answer[-1] = True
    return outcome
