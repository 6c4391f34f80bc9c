"""The four acts. Each asks the server for something, looks at what became of the text, and reports.

With scripted replies the text must be what the reply says, to the byte. A real model may do anything: then only what
the server promises must hold, and what is up to the model is told and judged by nobody.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from spark_lsp.cli.demonstration.findings import (
    Finding,
    Report,
    Verdict,
    finding,
    measure,
    size_of_changed_lines,
)
from spark_lsp.cli.demonstration.samples import BACKUP, CHECKOUT, INVOICES, Sample
from spark_lsp.cli.demonstration.subjects import INVOICE, PAYMENTS, TOTAL, TYPED, WRITE, Region, Typing, with_typing
from spark_lsp.simulator import library

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from spark_lsp.cli.demonstration.buffer import Buffer
    from spark_lsp.cli.demonstration.editor import Editor, RunningEdit
    from spark_lsp.cli.demonstration.stage import Stage
    from spark_lsp.simulator.server import Simulator

_LANDED_BEFORE_CANCEL: Final = 3


class DemoFailure(Exception):
    """The demo cannot go on; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Theatre:
    """What every act is given."""

    editor: Editor
    stage: Stage
    folder: Path
    simulator: Simulator | None
    """None with a real endpoint."""
    slowed: int | None
    """Tokens a second of the act in which the user types along, if they are fewer than those of the others."""

    def open(self, number: int, report: Report, sample: Sample) -> Buffer:
        path = self.folder / sample.name
        path.write_bytes(sample.text.encode())
        buffer = self.editor.open(path, sample.language, sample.text)
        self.stage.open_act(number, report.title, buffer)
        return buffer


async def refactor(theatre: Theatre, number: int) -> Report:
    """A refactoring streams in."""
    report = Report("refactoring", "A refactoring streams in")
    buffer = theatre.open(number, report, INVOICES)
    edit = await _ask(theatre, buffer, INVOICE, library.USE_DECIMAL)
    result = await _result(theatre, edit)
    _judge(theatre, report, buffer, INVOICE, library.USE_DECIMAL, result)
    return await _close(theatre, report, INVOICES.text, buffer, edit)


async def fix(theatre: Theatre, number: int) -> Report:
    """A diagnostic is fixed by the server's code action."""
    report = Report("code action", "A code action fixes a diagnostic")
    stage, editor = theatre.stage, theatre.editor
    buffer = theatre.open(number, report, CHECKOUT)
    line = buffer.text[: buffer.text.index("coupon.expires")].count("\n")
    span = {"start": {"line": line, "character": 6}, "end": {"line": line, "character": 12}}
    source, message = "ts", library.GUARD_COUPON.rstrip(".")
    diagnostic = {"range": span, "severity": 1, "code": 18048, "source": source, "message": f"{message}."}
    row = buffer.row_of(buffer.text.index("coupon.expires"))
    row.underline, buffer.attention = (6, 12), row
    stage.say(f"Line {line + 1}: {message} (ts 18048)")
    await stage.pause(1.6)
    actions = await editor.code_actions(buffer, span, (diagnostic,))
    action = next((action for action in actions if action.get("kind") == "quickfix"), None)
    if action is None:
        raise DemoFailure("The server offers no code action for the diagnostic.")
    await stage.write_out(f"Code action: {action['title']}")
    edit = editor.execute(action["command"])
    stage.follow(edit)
    result = await _result(theatre, edit)
    _judge(theatre, report, buffer, TOTAL, library.GUARD_COUPON, result)
    return await _close(theatre, report, CHECKOUT.text, buffer, edit)


async def type_along(theatre: Theatre, number: int) -> Report:
    """The user types above, inside and below an edit that streams in."""
    report = Report("typing along", "You keep typing while it streams")
    stage, editor = theatre.stage, theatre.editor
    buffer = theatre.open(number, report, BACKUP)
    for typing in TYPED:
        buffer.cursors[typing.where] = buffer.text.index(typing.line) + len(typing.line) - 1
    if theatre.simulator and theatre.slowed:
        stage.say(f"The model is slowed to {theatre.slowed} tokens a second here, so that you can watch.")
    edit = await _ask(theatre, buffer, WRITE, library.WRAP_ERRORS)
    keys = meanwhile = 0
    for typing in TYPED:
        buffer.caret = typing.where
        for key in typing.text:
            meanwhile += not edit.answer.done()
            keys += 1
            editor.type(buffer, typing.where, key)
            stage.changed()
            await asyncio.sleep(stage.keystroke_seconds)
    result = await _result(theatre, edit)
    buffer.caret = None
    stage.say(f"{keys} keys typed above, inside and below, {meanwhile} of them while the edit ran.")
    if edit.refused:
        stage.say(f"Edits that a key came before, so that they were refused and made again: {edit.refused}.")
    lost = [typing.where for typing in TYPED if not _survived(buffer, typing)]
    report.findings.append(
        finding(not lost, f"All {keys} keystrokes survived, each where it was typed.", f"Keystrokes {lost} were lost.")
    )
    _judge(theatre, report, buffer, WRITE, library.WRAP_ERRORS, result, typed=TYPED)
    return await _close(theatre, report, with_typing(BACKUP.text, TYPED), buffer, edit)


async def cancel(theatre: Theatre, number: int) -> Report:
    """An edit is cancelled in the middle."""
    report = Report("cancelled", "A cancel rolls it back")
    stage = theatre.stage
    buffer = theatre.open(number, report, INVOICES)
    edit = await _ask(theatre, buffer, PAYMENTS, library.LOG_EVERY_STEP)
    await edit.wait_for_hunks(_LANDED_BEFORE_CANCEL if theatre.simulator else 1)
    if edit.answer.done():
        # Faster than anybody could cancel, or nothing that could be used.
        _judge(theatre, report, buffer, PAYMENTS, library.LOG_EVERY_STEP, await _result(theatre, edit))
        return await _close(theatre, report, INVOICES.text, buffer, edit)
    loop = asyncio.get_running_loop()
    cancelled = loop.time()
    theatre.editor.cancel(edit)
    report.hunks, report.sent = edit.hunks, edit.characters
    report.changed = size_of_changed_lines(INVOICES.text, buffer.text)
    stage.say(f"You press Esc after {'1 hunk' if report.hunks == 1 else f'{report.hunks} hunks'}.")
    closed = asyncio.create_task(_stream_closed(theatre.simulator))
    result = await _result(theatre, edit)
    took = f"{(loop.time() - cancelled) * 1000:.0f} ms"
    measure(report, edit)
    if result["status"] == "cancelled" or theatre.simulator:
        report.findings.append(
            finding(
                buffer.text == INVOICES.text,
                f"The file is what it was, to the byte, {took} after the cancel.",
                f"The file is not what it was before (the edit: {result['status']}).",
            )
        )
    else:
        report.findings.append(Finding(Verdict.OPEN, f"The model was done before the cancel ({result['status']})."))
    if theatre.simulator:
        sentence = "The model's stream was closed at once: it says no more."
        report.findings.append(finding(await closed, sentence, "The model's stream was not closed."))
    await stage.conclude(report.findings)
    await stage.pause(1.0)
    return report


ACTS: Final[tuple[Callable[[Theatre, int], Awaitable[Report]], ...]] = (refactor, fix, type_along, cancel)


async def _ask(theatre: Theatre, buffer: Buffer, region: Region, instruction: str) -> RunningEdit:
    offset = buffer.text.index(region.place)
    buffer.attention = buffer.row_of(offset)
    await theatre.stage.write_out(f"You ask: {instruction}")
    edit = theatre.editor.ask(buffer, offset, instruction)
    theatre.stage.follow(edit)
    return edit


async def _result(theatre: Theatre, edit: RunningEdit) -> dict[str, Any]:
    """Wait for the end of an edit. Raises `DemoFailure` if the endpoint did not answer at all."""
    result = await edit.result()
    theatre.stage.changed()
    if result["status"] == "failed" and "firstTokenMs" not in result.get("timings", {}):
        raise DemoFailure(str(result.get("message", "The edit failed.")))
    return result


def _judge(
    theatre: Theatre,
    report: Report,
    buffer: Buffer,
    region: Region,
    instruction: str,
    result: dict[str, Any],
    typed: tuple[Typing, ...] = (),
) -> None:
    """Compare the text with what it should be: all of it if the reply is known, else what lies outside the region."""
    before = {sample.name: sample.text for sample in (INVOICES, CHECKOUT, BACKUP)}[buffer.name]
    status, what = result["status"], region.what
    if theatre.simulator:
        target = with_typing(region.with_reply(before, instruction), typed)
        sentence = f"The {what} is now the reply, to the byte, and nothing else has changed."
        wrong = f"The text is not what the reply says (the edit: {status}, {result.get('message', 'no message')})."
        report.findings.append(finding(buffer.text == target, sentence, wrong))
        return
    start, end = region.span(before)
    above, below = (with_typing(part, typed) for part in (before[:start], before[end:]))
    if result["hunks"]:
        holds = buffer.text.startswith(above) and buffer.text.endswith(below)
        report.findings.append(
            finding(holds, f"Nothing outside the {what} has changed.", f"Something outside the {what} has changed.")
        )
    else:
        holds = buffer.text == with_typing(before, typed)
        report.findings.append(finding(holds, "The model has changed nothing.", "Hunks are left in the file."))
    message = f": {result['message']}" if "message" in result else "."
    report.findings.append(Finding(Verdict.OPEN, f"What the model made of it: {status}{message}"))


async def _close(theatre: Theatre, report: Report, before: str, buffer: Buffer, edit: RunningEdit) -> Report:
    """Measure and show."""
    measure(report, edit)
    report.hunks = edit.kept
    report.sent = edit.characters
    report.changed = size_of_changed_lines(before, buffer.text)
    await theatre.stage.conclude(report.findings)
    return report


def _survived(buffer: Buffer, typing: Typing) -> bool:
    cursor = buffer.cursors[typing.where]
    return buffer.text[cursor - len(typing.text) : cursor] == typing.text


async def _stream_closed(simulator: Simulator | None) -> bool:
    """Whether the client of the last request left before its end."""
    if simulator is None:
        return False
    record = simulator.requests[-1]
    try:
        async with asyncio.timeout(5):
            await record.ended.wait()
    except TimeoutError:
        return False
    return record.closed_early
