"""`spark-lsp stats`: tables, JSON and a page of what the ledger holds."""

from __future__ import annotations

import json
import re
import time
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from spark_lsp.cli.main import main
from spark_lsp.ledger.database import LEDGER_FILE
from spark_lsp.ledger.days import local_day
from spark_lsp.ledger.ledger import Ledger
from support.ledger_records import NOON, request, verdict

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400
EVIL = "<script src='https://example.com/x'>&amp;\x1b[31m[bold]\u202e\"'"
EVIL_SHOWN = "<script src='https://example.com/x'>&amp;\N{REPLACEMENT CHARACTER}[31m[bold]\N{REPLACEMENT CHARACTER}\"'"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for the ledger. The clock says that it is noon, and the terminal is wide."""
    monkeypatch.setenv("SPARK_LSP_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(time, "time", lambda: NOON)
    monkeypatch.setenv("COLUMNS", "400")
    return tmp_path / "state"


@pytest.fixture
def filled(folder: Path) -> Path:
    """A ledger with something of everything."""
    ledger = Ledger(folder, now=lambda: NOON)
    for record in (
        request(),
        request(usd=0.5, model="dear", first_token_seconds=0.3),
        request(NOON - DAY, task="inline", model=EVIL, endpoint=EVIL, usd=None, estimated=True),
        request(NOON - 4 * DAY, units=1.5, unit_name=f"{EVIL} edits", usd=0.25),
        request(outcome="failed", failure="RateLimited", first_token_seconds=None, usd=None),
        request(outcome="cancelled"),
        request(outcome="cached"),
        request(NOON - 40 * DAY, model="long ago"),
    ):
        ledger.record(record)
    for said in (verdict("shown"), verdict("shown"), verdict("accepted"), verdict("survived")):
        ledger.judge(said)
    ledger.close()
    return folder


def stats(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["stats", *arguments]) == 0
    captured = capsys.readouterr()
    assert not captured.err
    return captured.out


@pytest.mark.parametrize(("arguments", "when"), [((), "in the last 30 days"), (("--days", "1"), "today")])
def test_nothing_yet(folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], when: str) -> None:
    assert stats(capsys, *arguments) == (
        f"Nothing was asked for {when}: ask for an edit in your editor and look again (while ledger.enabled is true, "
        f"it goes into {folder / LEDGER_FILE}).\n"
    )
    assert not folder.exists()


def test_tables(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = stats(capsys)
    lines = [" ".join(line.split()) for line in out.splitlines()]
    today = local_day(NOON)
    assert lines[0] == (
        f"{local_day(NOON - 29 * DAY)} to {today}; 7 requests; cost $1.25+; first token 100 ms (median); "
        "~100 tokens/s; 50% accepted"
    )
    heading = "requests answered failed cancelled from here first p50 first p90 first p99 total p50 total p90 "
    heading += "tokens/s input cached output cost accepted survived"
    for title in ("Model", "Task", "Day"):
        assert f"{title} {heading}" in lines
    for row in (
        "here dear 1 100% 0 0 0 300 ms 300 ms 300 ms 600 ms 600 ms 167 1k 25% 50 $0.500 – –",
        f"{EVIL_SHOWN} {EVIL_SHOWN} 1 100% 0 0 0 100 ms 100 ms 100 ms 600 ms 600 ms ~100 ~1k 25% ~50 – – –",
        "edit 6 67% 1 1 1 100 ms 240 ms 294 ms 600 ms 600 ms 100 5k 25% 250 $1.25+ 50% 100%",
        f"{local_day(NOON - 4 * DAY)} 1 100% 0 0 0 100 ms 100 ms 100 ms 600 ms 600 ms 100 1k 25% 50 $0.250 – –",
        "Failures: 1 RateLimited.",
        f"Charged in units of the providers' own: 1.5 {EVIL_SHOWN} edits.",
        "~ Estimated, in full or in part: the endpoint did not say how many tokens it took in 1 request.",
        "+ Without 2 requests whose price is not known: set price at the endpoint, 0 if it is free.",
        f"The ledger is {filled / LEDGER_FILE}",
    ):
        assert row in lines
    assert "long ago" not in out
    assert "\x1b" not in out


@pytest.mark.parametrize("columns", ["30", "60", "80", "100", "140"])
def test_tables_fit_the_terminal(
    filled: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    out = stats(capsys)
    tables = out.split("\n\n")[1:-1]
    assert [table.split()[0] for table in tables] == ["Model", "Task", "Day"]
    assert max(len(line) for table in tables for line in table.splitlines()) <= int(columns)
    headings = {" ".join(table.splitlines()[0].split()[1:]) for table in tables}
    assert len(headings) == 1  # the same columns in each
    assert headings.pop().startswith("requests")
    assert str(local_day(NOON)) in out


def test_days(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "; 5 requests;" in stats(capsys, "--days", "1").splitlines()[0]
    assert "; 6 requests;" in stats(capsys, "--days", "2").splitlines()[0]
    assert "here long ago" in stats(capsys, "--days", "400")
    for wrong in ("0", "401", "-1", "1.5", "x", "", "9" * 5000):
        assert main(["stats", "--days", wrong]) == 2
        assert "must be a number from 1 to 400" in capsys.readouterr().err


def test_json(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found: dict[str, Any] = json.loads(stats(capsys, "--json"))
    assert found["ledger"] == str(filled / LEDGER_FILE)
    assert (found["since"], found["until"]) == (str(local_day(NOON - 29 * DAY)), str(local_day(NOON)))
    total = found["total"]
    assert total["firstTokenMs"] == {"count": 5, "p50": 100, "p90": 220, "p99": 292}
    assert total["tokensPerSecond"] == 100
    assert (total["usd"], total["estimatedUsd"], total["unpricedRequests"]) == (1.25, 0, 2)
    assert total["failures"] == {"RateLimited": 1}
    assert total["units"] == {f"{EVIL} edits": 1.5}
    assert (total["shown"], total["acceptance"], total["survival"]) == (2, 0.5, 1)
    assert [day["figures"]["requests"] for day in found["days"]] == [1, 1, 5]
    assert [model["model"] for model in found["days"][2]["models"]] == ["scripted", "dear"]
    assert {task["task"] for task in found["tasks"]} == {"edit", "inline"}
    assert found["models"][0] | {"figures": None} == {"endpoint": "here", "model": "scripted", "figures": None}
    assert found["tasks"][1]["figures"]["acceptance"] is None


def test_json_of_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found: dict[str, Any] = json.loads(stats(capsys, "--json"))
    assert (found["total"]["requests"], found["total"]["firstTokenMs"], found["days"]) == (0, None, [])


class Page(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def written_page(capsys: pytest.CaptureFixture[str], file: Path) -> str:
    assert stats(capsys, "--html", str(file)).splitlines()[-1] == f"The page is {file}"
    return file.read_text(encoding="utf-8")


def test_the_page_is_html_and_loads_nothing(filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = written_page(capsys, tmp_path / "page.html")
    doctype, xml = text.split("\n", 1)
    assert doctype == "<!DOCTYPE html>"
    tree = ET.fromstring(xml)
    parsed = Page(text)
    assert len(parsed.tags) == len(list(tree.iter()))  # as HTML it is the same as XML
    known = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "ul", "li", "b", "span"}
    known |= {"figure", "figcaption", "details", "summary", "div", "table", "thead", "tbody", "tr", "th", "td"}
    known |= {"svg", "line", "text", "polyline", "circle", "rect"}
    assert set(parsed.tags) <= known
    loading = {"src", "href", "srcset", "data", "action", "style", "xmlns"}
    assert not [name for name, _ in parsed.attributes if name in loading or name.startswith("on")]
    outside = r"https?:|url\(|@import|<script"
    assert not [value for _, value in parsed.attributes if re.search(outside, value)]
    style = next(tree.iter("style")).text or ""
    assert not re.search(outside, style)
    assert not set(style) & set("<>&")
    assert "prefers-color-scheme: dark" in style
    assert set(re.findall(r"var\((--\w+)\)", style)) <= set(re.findall(r"(--\w+):", style))
    used = {name for key, value in parsed.attributes if key == "class" for name in value.split()}
    assert used - set(re.findall(r"\.(\w+)", style)) == set()
    assert any(EVIL_SHOWN in data for data in parsed.text)
    assert "\x1b" not in text


def test_the_page_shows_the_figures(filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree = ET.fromstring(written_page(capsys, tmp_path / "page.html").split("\n", 1)[1])
    plots = [svg for svg in tree.iter("svg") if svg.get("role") == "img"]
    assert [plot.get("aria-label") for plot in plots] == [
        "Time until the first token, by day",
        "Output tokens a second, by day and model",
        "Cost by day and model",
        "How requests ended, by model",
        "What became of what was shown, by task",
    ]
    tooltips = [[title.text for title in plot.iter("title")] for plot in plots]
    today, before = local_day(NOON), local_day(NOON - 4 * DAY)
    assert tooltips[0].count(f"{today}, median: 100 ms") == 1
    assert f"{today}, here dear: 167" in tooltips[1]
    assert tooltips[2] == [
        f"{before}, here scripted: $0.250",
        f"{today}, here scripted: $0.500",
        f"{today}, here dear: $0.500",
    ]
    assert "here scripted, failed: 1 (20%)" in tooltips[3]
    assert tooltips[4] == ["edit", "edit, accepted and kept: 1 (50%)", "edit, neither: 1 (50%)"]
    first_line = next(line.get("points", "") for line in plots[0].iter("polyline"))
    assert len(first_line.split()) == 1  # two days without a request break the line


def test_the_page_of_nothing(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = written_page(capsys, tmp_path / "page.html")
    assert "Nothing was asked for in these days." in text
    ET.fromstring(text.split("\n", 1)[1])


def test_json_and_page_at_once(filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "page.html"
    assert json.loads(stats(capsys, "--json", "--html", str(file)))["total"]["requests"] == 7
    assert file.exists()


def test_a_page_that_cannot_be_written(filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "none" / "page.html"
    assert main(["stats", "--html", str(file)]) == 1
    captured = capsys.readouterr()
    assert not captured.out
    assert re.fullmatch(r"spark-lsp stats: .*page\.html cannot be written \(.+\): choose another .*\n", captured.err)


def test_a_ledger_that_cannot_be_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder.mkdir()
    (folder / LEDGER_FILE).write_bytes(b"no database" * 1000)
    assert main(["stats"]) == 1
    captured = capsys.readouterr()
    assert not captured.out
    assert captured.err == (
        f"spark-lsp stats: {folder / LEDGER_FILE} is damaged; the server will put it aside and begin a new one when it "
        "next writes.\n"
    )
