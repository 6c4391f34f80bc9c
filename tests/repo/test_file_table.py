"""Facts as bytes and back."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.core.symbols import FileFacts, Import, Reference, Symbol
from spark_lsp.repo.file_table import REFERENCE_KINDS, SYMBOL_KINDS, FileTable, Names, encode, is_whole
from spark_lsp.repo.postings import Postings

NAMES = st.one_of(
    st.sampled_from(("a", "b", "x.y", "", "é", "𝒳", "a b")),
    st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=9),
)
LINES = st.integers(0, 2**29)
SYMBOLS = st.builds(
    Symbol,
    *(NAMES, st.sampled_from(SYMBOL_KINDS), NAMES, LINES, LINES, LINES, LINES, LINES, NAMES),
    bases=st.lists(NAMES, max_size=3).map(tuple),
    types=st.lists(NAMES, max_size=3).map(tuple),
    exported=st.booleans(),
)
IMPORTS = st.builds(Import, NAMES, st.none() | NAMES, st.none() | NAMES, LINES, exported=st.booleans())
REFERENCES = st.builds(Reference, NAMES, NAMES, st.sampled_from(REFERENCE_KINDS), LINES)
FACTS = st.builds(
    FileFacts,
    *(NAMES, st.lists(SYMBOLS, max_size=6).map(tuple), st.lists(IMPORTS, max_size=6).map(tuple)),
    references=st.lists(REFERENCES, max_size=20).map(lambda found: tuple(sorted(found, key=lambda one: one.line))),
    package=NAMES,
    default_export=NAMES,
)


@given(FACTS, st.lists(NAMES, max_size=4))
def test_facts_come_back_as_they_were(facts: FileFacts, others: list[str]) -> None:
    names = Names()
    for text in others:
        names.number(text)
    content = encode(facts)
    assert is_whole(content)
    table = FileTable(content, names)
    assert table.facts() == facts
    for name in {one.name for one in facts.references}:
        number = names.find(name)
        assert number is not None
        found = [table.reference(index) for index in table.references_to(number)]
        assert found == [one for one in facts.references if one.name == name]
    for name in {one.name for one in facts.symbols}:
        assert [table.symbol(index) for index in table.named(name)] == [
            one for one in facts.symbols if one.name == name
        ]


@given(FACTS, st.data())
def test_bytes_that_were_harmed_are_known(facts: FileFacts, data: st.DataObject) -> None:
    content = encode(facts)
    at = data.draw(st.integers(0, len(content) - 1))
    harmed = bytearray(content)
    harmed[at] ^= data.draw(st.integers(1, 255))
    assert not is_whole(bytes(harmed))
    assert not is_whole(content[:at])


def test_more_names_than_there_is_room_for_cost_references_and_nothing_else() -> None:
    references = tuple(Reference(f"name_{number}", "", "name", number) for number in range(70_000))
    facts = FileFacts("python", (Symbol("late", "function", "", 1, 0, 1, 2, 2),), (), references)
    table = FileTable(encode(facts), Names())
    assert table.symbol(0) == facts.symbols[0]
    assert 50_000 < len(table.reference_names) < 70_000
    assert table.reference(5) == references[5]


@given(st.lists(st.tuples(st.integers(0, 5), st.sets(st.integers(0, 8))), max_size=30))
def test_postings_know_every_file_of_a_name(steps: list[tuple[int, set[int]]]) -> None:
    postings, plain = Postings(), dict[int, set[int]]()
    for file, names in steps:
        postings.replace(file, plain.get(file, ()), names)
        plain[file] = names
    for name in range(9):
        found = postings.files(name)
        assert sorted(found) == sorted(file for file, names in plain.items() if name in names)
        assert isinstance(found, (tuple, array))
    assert postings.files(None) == ()
