"""The page's style sheet. It must hold none of the characters that XML escapes, and name nothing to load.

The colours are Okabe and Ito's ("Color Universal Design", 2008), which people with any colour vision can tell apart.
"""

from __future__ import annotations

from typing import Final

GREY: Final = 6
"""The number of the colour for what is left over."""

COLOURS: Final = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#9aa5b1")
_DARK_COLOURS: Final = ("#4aa8e0", "#f0b429", "#2fc79b", "#e09cc4", "#9bd3f5", "#f07c33", "#66717d")
_DASHES: Final = ("none", "6 3", "2 3", "10 4", "8 3 2 3", "4 6")


def style_sheet() -> str:
    """The style of the page and its plots, in light and dark."""
    rules = [
        ":root { color-scheme: light dark; --text: #1c2126; --dim: #5b6570; --grid: #dfe3e8; --page: #fff;",
        f"  --card: #f5f7f9; {_variables(COLOURS)} }}",
        "@media (prefers-color-scheme: dark) { :root {",
        "  --text: #e6e9ec; --dim: #9aa5b1; --grid: #333b44; --page: #15191d; --card: #1e242a;",
        f"  {_variables(_DARK_COLOURS)} }} }}",
        "body { margin: 2rem auto; max-width: 48rem; padding: 0 1rem; background: var(--page); color: var(--text);",
        "  font: 16px/1.5 system-ui, sans-serif; }",
        "h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 0; }",
        "p, li { margin: 0.25rem 0; } .dim, figcaption p { color: var(--dim); }",
        "figure { margin: 2.5rem 0; } svg { width: 100%; height: auto; overflow: visible; margin-top: 0.5rem; }",
        "svg text { font-size: 12px; fill: var(--dim); font-variant-numeric: tabular-nums; }",
        "svg text.name { fill: var(--text); }",
        ".grid { stroke: var(--grid); stroke-width: 1; } .line { fill: none; stroke-width: 2; }",
        ".target { fill: transparent; } rect:hover { opacity: 0.8; }",
        ".tiles { display: flex; flex-wrap: wrap; gap: 0.75rem; margin: 1.5rem 0; padding: 0; list-style: none; }",
        ".tiles li { background: var(--card); border-radius: 0.5rem; padding: 0.6rem 1rem; flex: 1 0 8rem; }",
        ".tiles b { display: block; font-size: 1.4rem; } .tiles span { color: var(--dim); font-size: 0.85rem; }",
        ".legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; margin: 0.25rem 0; padding: 0;",
        "  list-style: none; font-size: 0.85rem; overflow-wrap: anywhere; }",
        ".legend svg { width: 1.5rem; height: 0.75rem; margin: 0 0.4rem 0 0; }",
        ".scroll { overflow-x: auto; }",
        "table { border-collapse: collapse; font-size: 0.85rem; font-variant-numeric: tabular-nums; width: 100%; }",
        "th, td { padding: 0.25rem 0.6rem; text-align: right; border-bottom: 1px solid var(--grid);",
        "  white-space: nowrap; }",
        "th:first-child, td:first-child { text-align: left; white-space: normal; overflow-wrap: anywhere;",
        "  min-width: 8rem; }",
        "summary { cursor: pointer; font-weight: 600; } details { margin: 1.5rem 0; }",
        *(f".fill{number} {{ fill: var(--c{number}); }}" for number in range(len(COLOURS))),
        *(f".stroke{number} {{ stroke: var(--c{number}); }}" for number in range(len(COLOURS))),
        *(f".dash{number} {{ stroke-dasharray: {dashes}; }}" for number, dashes in enumerate(_DASHES)),
    ]
    return "\n".join(rules)


def _variables(colours: tuple[str, ...]) -> str:
    return " ".join(f"--c{number}: {colour};" for number, colour in enumerate(colours))
