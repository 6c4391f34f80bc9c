"""Brings hunks into a document that a client owns and a user goes on typing in.

The client is asked to apply edits and then believed in nothing but its text. Its answer `applied` may be untrue,
it may ignore the version and put the edits in the wrong place, and its changes may come before or after that
answer, in one piece or in many. So a batch that is in flight is compared with the text after every change:
where the text is what the batch makes of some earlier text, the changes between are ours and those before are
the user's. A batch that landed on a text it was not made for leaves a *correction*, which is sent next.

Pure: no I/O and no clock. All changes of the document go through `changed`, in order. Coordinates are those of
the *clean* text: the client's text with the correction done, which is the same text nearly always.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from spark_lsp.core.edits import Edit, Edits, align, apply, compose, invert, merged, move, overlaps, rebase
from spark_lsp.core.refine import difference, smallest
from spark_lsp.core.text import Range

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spark_lsp.core.text import Position, Text


Misread = Callable[["Edits", "Text", "Text"], "Edits"]
"""Edits as a client reads them that ignores versions: given the edits, the text that they were made for and the text
that it has. In utf-16, say, the same columns are other code points there."""


class HunkState(Enum):
    """How far a hunk has come."""

    WAITING = auto()
    """Final, and not yet in the client's text."""
    LANDED = auto()
    """In the client's text, and can be taken back."""
    BUILT_ON = auto()
    """In the client's text, but the user has changed it since: it stays."""
    DROPPED = auto()
    """Never sent: the user typed where it belongs."""
    REVERTING = auto()
    """To be taken out of the client's text again."""
    REVERTED = auto()
    """Taken back, by us or by the user's undo."""


@dataclass(slots=True, eq=False)
class Hunk:
    """A block of lines that changes together, and where it stands now."""

    number: int
    """From 1, in the order in which hunks became final."""
    removed: int
    """Lines."""
    added: int
    """Lines."""
    edits: Edits
    """What is to be done next with it: its edits while it waits, their inverse once it has landed."""
    range: Range
    """The text it makes or made, in the clean text."""
    place: Position
    """Where it begins in the text that the edit started from: the order of the hunks in the text."""
    state: HunkState = HunkState.WAITING

    @property
    def unsettled(self) -> bool:
        return self.state in (HunkState.WAITING, HunkState.REVERTING)

    @property
    def revertible(self) -> bool:
        return self.state is HunkState.LANDED


@dataclass(frozen=True, slots=True)
class _Guess:
    """The batch in flight may be applied to this text, and would give that one."""

    text: Text
    edits: Edits
    """The batch as it would be applied to it."""
    result: Text

    @classmethod
    def of(cls, text: Text, edits: Edits) -> _Guess:
        """What a client makes of edits, whatever text they were made for: out of range is clamped."""
        clamped: list[Edit] = []
        at = text.end
        for edit in reversed(edits):
            end = min(text.clamp(edit.end), at)
            at = min(text.clamp(edit.start), end)
            clamped.append(Edit(at, end, edit.new))
        return cls(text, tuple(reversed(clamped)), apply(text, tuple(reversed(clamped))))

    @property
    def parts(self) -> frozenset[Edit]:
        """What a client may report, edit by edit."""
        return frozenset(small for edit in self.edits for small in smallest(self.text, edit))


@dataclass(slots=True)
class _Flight:
    """A batch that the client was asked to apply."""

    edits: Edits
    hunks: list[Hunk]
    guesses: list[_Guess]
    """For the text that the batch was made for, and for the text after each change since."""
    trail: list[tuple[Edits, Text]] = field(default_factory=list)
    """Every change since it was sent, with the text after it: the user's or the batch itself."""
    seen: range | None = None
    """The changes that are the batch, as it seems. Until the client has answered, later ones may be it instead."""
    answered: bool = False

    def begins(self, after: Text) -> int | None:
        """How many changes were the user's before those that are the batch and gave this text; None if none are.

        A few answers may be possible: of a batch in several changes, the last ones can do the same to a text that
        the first have changed; and what the user typed where the batch deletes is gone either way. So as few
        changes as possible are taken for the batch, unless more of them are parts of it.
        """
        found = [index for index, guess in enumerate(self.guesses) if guess.result == after]
        if len(found) < 2:
            return found[0] if found else None
        last = found[-1]
        for index in found[:-1]:
            parts = self.guesses[index].parts
            if all(parts.issuperset(change) for change, _ in self.trail[index:last]):
                return index
        return last


class Delivery:
    """The hunks of one edit on their way into one document.

    Invariants: what the user inserted is never deleted or replaced by a hunk; a hunk lands once; every text the
    client reports is accounted for as the user's change or as ours.
    """

    def __init__(self, text: Text, misread: Misread | None = None) -> None:
        """Begin with the text that the hunks will be for; say how the client reads edits made for another one."""
        self.text = text
        """The client's text, as far as it is accounted for."""
        self.hunks: list[Hunk] = []
        self.undone = False
        """The user has taken back a batch of ours."""
        self._misread = misread or _by_code_points
        self._correction: Edits = ()
        self._flight: _Flight | None = None
        self._history: list[tuple[Edits, Position | None]] = []
        self._before_landing: tuple[Text, list[Hunk]] | None = None
        """The text before the last batch landed, and the hunks in it: what the user's undo leads back to."""
        self._has_lone_returns = any(line.endswith("\r") for line in text.lines)

    @property
    def in_flight(self) -> bool:
        return self._flight is not None

    @property
    def idle(self) -> bool:
        """Nothing is on its way or waits to be sent."""
        return not self._flight and not self._correction and not any(hunk.unsettled for hunk in self.hunks)

    @property
    def clean(self) -> Text:
        """The text as it would be with no batch misplaced."""
        return apply(self.text, self._correction)

    def add(self, edits: Edits, removed: int, added: int) -> Hunk:
        """Take a hunk that has become final, in the coordinates of the text that the delivery started with."""
        place = edits[0].start
        state = HunkState.WAITING
        for change, owner in self._history:
            if owner is None and overlaps(edits, change):
                state = HunkState.DROPPED
            edits = rebase(edits, change, after=owner is not None and owner <= place)
        if self._has_lone_returns and state is HunkState.WAITING:
            clean = self.clean
            edits = merged([(align(clean, edit),) for edit in edits])
        span = Range(edits[0].start, edits[-1].end) if edits else Range(place, place)
        hunk = Hunk(len(self.hunks) + 1, removed, added, edits, span, place, state)
        self.hunks.append(hunk)
        return hunk

    def take_back(self, hunks: Iterable[Hunk]) -> None:
        """Let hunks that wait be dropped, and hunks that landed be reverted with the next batches."""
        for hunk in hunks:
            if hunk.state is HunkState.LANDED:
                hunk.state = HunkState.REVERTING
            elif hunk.state is HunkState.WAITING and not self._flies(hunk):
                hunk.state = HunkState.DROPPED

    def drop_waiting(self) -> None:
        """Let no further hunk land, except those that are in flight already."""
        for hunk in self.hunks:
            if hunk.state is HunkState.WAITING and not self._flies(hunk):
                hunk.state = HunkState.DROPPED

    def send(self) -> Edits | None:
        """The next batch, in the coordinates of the client's text; None if there is none or one is in flight."""
        if self._flight or self.idle:
            return None
        hunks = sorted((hunk for hunk in self.hunks if hunk.unsettled), key=lambda hunk: hunk.place)
        edits = compose(self._correction, merged(hunk.edits for hunk in hunks))
        flight = _Flight(edits, hunks, [_Guess.of(self.text, edits)])
        if flight.guesses[0].result == self.text:
            # Nothing is left to do, and a client need not report a change that is none.
            flight.trail.append(((), self.text))
            self._landed(flight, range(1))
            return None
        self._flight = flight
        return edits

    def changed(self, change: Edits, after: Text) -> None:
        """The client's text has changed. Call this for every single change that it reports, in order."""
        if not change:
            return
        flight = self._flight
        if flight is None:
            self._user_changed(change, after)
            return
        flight.trail.append((change, after))
        index = flight.begins(after)
        if index is not None:
            flight.seen = range(index, len(flight.trail))
        flight.guesses.append(_Guess.of(after, self._misread(flight.edits, self.text, after)))
        if flight.seen and flight.answered:
            self._landed(flight, flight.seen)

    def answered(self, *, applied: bool) -> None:
        """The client has answered. Only a refusal is believed, and only if the text does not disprove it."""
        flight = self._flight
        if flight is None:
            return
        flight.answered = True
        if flight.seen:
            self._landed(flight, flight.seen)
        elif not applied:
            self._refused(flight)

    def expire(self) -> bool:
        """The batch has not been seen in the text for too long; False if nothing at all has happened since.

        Either it came mixed with the user's typing in one change, which the sizes of the differences tell, or the
        client has refused it whatever it says, and it can be sent again.
        """
        flight = self._flight
        if flight is None:
            return True
        if not flight.trail:
            self._refused(flight)
            return False
        latest = flight.trail[-1][1]
        if _size(difference(flight.guesses[0].result, latest)) < _size(difference(self.text, latest)):
            landed = flight.guesses[0].result
            flight.trail = [(flight.edits, landed), (difference(landed, latest), latest)]
            self._landed(flight, range(1))
        else:
            self._refused(flight)
        return True

    def _flies(self, hunk: Hunk) -> bool:
        return self._flight is not None and hunk in self._flight.hunks

    def _refused(self, flight: _Flight) -> None:
        self._flight = None
        for change, after in flight.trail:
            self._user_changed(change, after)

    def _landed(self, flight: _Flight, batch: range) -> None:
        """These changes of the trail are the batch; those before and after were the user's."""
        self._flight = None
        for change, after in flight.trail[: batch.start]:
            self._user_changed(change, after)
        before, clean = self.text, self.clean
        landing = sorted((hunk for hunk in flight.hunks if hunk.unsettled), key=lambda hunk: hunk.place, reverse=True)
        meant = merged(hunk.edits for hunk in reversed(landing))
        target = apply(clean, meant)
        # From the bottom up, the coordinates of the hunks above stay as they are.
        for hunk in landing:
            self._settle(hunk, clean)
        self.text = flight.trail[batch.stop - 1][1]
        done = flight.guesses[batch.start].edits
        self._correction = _correction(before, self.text, target, done, compose(self._correction, meant))
        self._before_landing = (before, landing)
        for change, after in flight.trail[batch.stop :]:
            self._user_changed(change, after)

    def _settle(self, hunk: Hunk, clean: Text) -> None:
        edits, inverse = hunk.edits, invert(clean, hunk.edits)
        for other in self.hunks:
            if other is not hunk:
                other.edits = rebase(other.edits, edits, after=hunk.place <= other.place)
                other.range = _moved(other.range, edits)
        hunk.edits = inverse
        hunk.range = Range(inverse[0].start, inverse[-1].end) if inverse else hunk.range
        hunk.state = HunkState.REVERTED if hunk.state is HunkState.REVERTING else HunkState.LANDED
        self._history.append((edits, hunk.place))

    def _user_changed(self, change: Edits, after: Text) -> None:
        undone = self._before_landing is not None and self._before_landing[0] == after
        if undone:
            # Correcting what is undone would do it twice.
            theirs, self._correction = difference(self.clean, after), ()
        elif self._correction:
            theirs, self._correction = rebase(change, self._correction), rebase(self._correction, change, after=True)
        else:
            theirs = change
        self.text = after
        self._history.append((theirs, None))
        for hunk in self.hunks:
            if overlaps(hunk.edits, theirs):
                if hunk.state is HunkState.WAITING:
                    hunk.state = HunkState.DROPPED
                elif hunk.state in (HunkState.LANDED, HunkState.REVERTING):
                    hunk.state = HunkState.BUILT_ON
            hunk.edits = rebase(hunk.edits, theirs)
            hunk.range = _moved(hunk.range, theirs)
        if undone and self._before_landing:
            self.undone = True
            for hunk in self._before_landing[1]:
                hunk.state = HunkState.REVERTED
            self._before_landing = None


def _correction(before: Text, now: Text, target: Text, done: Edits, meant: Edits) -> Edits:
    """What leads to the target, now that the client did other edits than were meant, both made for the text before.

    It takes back what was done and does what was meant. A difference of the texts would do as well, but may move
    the user's own text along, and what the user does to it meanwhile would be done to one of two copies.
    """
    if now == target:
        return ()
    whole = compose(invert(before, done), meant)
    edits = tuple(small for edit in whole for small in smallest(now, edit))
    # Positions do not add up where a return and a newline came together, or where the batch was not recognised.
    return edits if apply(now, edits) == target else difference(now, target)


def _moved(span: Range, over: Edits) -> Range:
    start = move(span.start, over)
    return Range(start, max(start, move(span.end, over, after=False)))


def _by_code_points(edits: Edits, _made_for: Text, _text: Text) -> Edits:
    return edits


def _size(edits: Edits) -> int:
    """How much text edits touch, roughly: code points inserted, and deleted ones with lines counted as forty."""
    return sum(len(edit.new) + _reach(edit) for edit in edits)


def _reach(edit: Edit) -> int:
    span = edit.end - edit.start
    return 40 * span.line + span.column
