"""Contexts of next edits, small enough to be read."""

from __future__ import annotations

from spark_lsp.core.prompt import NextEditContext, RecentEdit, RelatedCode
from spark_lsp.core.text import Position

SHOP = RecentEdit(
    "shop.py",
    1,
    ("def cost(item):",),
    ("def cost(item, count):",),
    ("import tax",),
    ("    base = item.price", "    return base", ""),
)
"""The line that is before the window of `CONTEXT`."""
TAX = RecentEdit("lib/tax.py", 0, ("RATE = 2",), ("RATE = 3",), (), ("",))
CONTEXT = NextEditContext(
    path="shop.py",
    language="python",
    window=("    base = item.price", "    return base"),
    first_line=2,
    cursor=Position(1, 11),
    before="import tax\ndef cost(item, count):\n",
    after="\nprint(cost(1))\n",
    history=(TAX, SHOP),
    window_before=("    base = item.price", "    return base"),
    related=(
        RelatedCode("manifest", "Declared dependencies:", "attrs", is_code=False),
        RelatedCode("file", "lib/tax.py", "RATE = 3\n"),
        RelatedCode("file", "lib/tax.py", "def tax(price): ...\n"),
        RelatedCode("file", "lib/item.py", "class Item: ..."),
        RelatedCode("diagnostic", "Reported by the editor's tools:", "line 4: count is not used\n"),
    ),
)
ALONE = NextEditContext("a.py", "", ("x = 1",), 0, Position(0, 5), window_before=("x = 1",))
"""A file of one line about which nothing is known."""
