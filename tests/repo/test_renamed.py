"""Where a definition that was renamed still goes by its old name, and what is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from repo.trees import graph_of
from spark_lsp.repo.locations import Location

if TYPE_CHECKING:
    from spark_lsp.repo.renamed import Form

STORE = "def fetch_one(key):\n    return key\n\n\nclass Cache:\n    def look_up(self):\n        return fetch_all(1)\n"
FILES = {
    "shop/store.py": STORE,
    "shop/by_name.py": "from shop.store import fetch_all\n\n\ndef use():\n    return fetch_all(2)\n",
    "shop/half_done.py": "from shop.store import fetch_one\n\n\ndef use():\n    return fetch_all(2)\n",
    "shop/by_module.py": "from shop import store\n\n\ndef use():\n    return store.fetch_all(3) + fetch_all(4)\n",
    "shop/by_alias.py": "from shop.store import fetch_all as get\n\n\ndef use():\n    return get(5)\n",
    "shop/by_local.py": "from shop import store\n\n\ndef use(fetch_all):\n    return fetch_all(6)\n",
    "deep/far/away.py": "import shop.store\n\n\ndef use():\n    return shop.store.fetch_all(7)\n",
    "other.py": "from vendor import fetch_all\n\n\ndef use(it):\n    return it.fetch_all(8) + fetch_all(9)\n",
    "shop/__init__.py": "from .store import fetch_all\n",
}


def renamed(files: dict[str, str], old: str, new: str, path: str = "shop/store.py") -> dict[str, dict[int, set[Form]]]:
    """The lines of each file in which the definition that is `new` by now is still `old`, and how."""
    graph = graph_of(files)
    table = graph.table(path)
    assert table is not None
    (index,) = table.named(new)
    place = Location(path, table.symbol(index))
    return {uses.path: dict(uses.forms) for uses in graph.old_uses(place, old) if uses is not None}


def test_a_function() -> None:
    found = renamed(FILES, "fetch_all", "fetch_one")
    assert found == {
        "shop/store.py": {6: {"plain"}},
        "shop/by_name.py": {0: {"import"}, 4: {"plain"}},
        "shop/half_done.py": {4: {"plain"}},
        "shop/by_module.py": {4: {"qualified"}},
        "shop/by_alias.py": {0: {"import"}},
        "shop/__init__.py": {0: {"import"}},
        "deep/far/away.py": {4: {"qualified"}},
    }
    assert next(iter(found)) == "shop/store.py"
    assert list(found)[-1] == "deep/far/away.py", "the nearest come first"


def test_where_something_else_has_the_old_name_only_what_is_imported_from_the_file_counts() -> None:
    files = FILES | {"another.py": "def fetch_all():\n    return 1\n"}
    assert renamed(files, "fetch_all", "fetch_one") == {
        "shop/by_name.py": {0: {"import"}, 4: {"plain"}},
        "shop/by_alias.py": {0: {"import"}},
        "shop/__init__.py": {0: {"import"}},
    }


@pytest.mark.parametrize(("old", "expected"), [("find_it", {"use.py": {4: {"qualified"}}}), ("get", {})])
def test_a_method_counts_if_its_name_tells_anything(old: str, expected: dict[str, object]) -> None:
    files = {
        "store.py": "class Store:\n    def look_up(self):\n        return 1\n",
        "use.py": f"from store import Store\n\n\ndef use(store, {old}):\n    return store.{old}() + {old}()\n",
        "other.py": f"def use(thing):\n    return thing.{old}()\n",
    }
    assert renamed(files, old, "look_up", "store.py") == expected


def test_what_needs_no_import() -> None:
    files = {
        "a/one.go": "package a\n\nfunc fetchOne() int { return 1 }\n",
        "a/two.go": "package a\n\nfunc use() int { return fetchAll() }\n",
        "b/three.go": "package b\n\nfunc use() int { return fetchAll() }\n",
    }
    assert renamed(files, "fetchAll", "fetchOne", "a/one.go") == {"a/two.go": {2: {"plain"}}}


def test_what_was_not_renamed_has_no_old_uses() -> None:
    assert renamed(FILES, "nobody_says_this", "fetch_one") == {}
