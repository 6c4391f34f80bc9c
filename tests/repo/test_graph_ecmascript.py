"""JavaScript and TypeScript in the graph: how modules are found, and what they hand on."""

from __future__ import annotations

import pytest

from repo.trees import graph_of, named, users

TREE = {
    "package.json": '{"name": "root", "workspaces": ["packages/*"]}',
    "packages/ui/package.json": '{"name": "@acme/ui", "main": "./dist/index.js"}',
    "packages/ui/src/index.ts": (
        "export * from './button';\n"
        "export { Panel as default, type Size } from './panel';\n"
        "export * as icons from './icons';\n"
        "const inner = 1;\n"
        "export { inner as outer };\n"
    ),
    "packages/ui/src/button.tsx": "export function Button() { return null }\nfunction hidden() {}\n",
    "packages/ui/src/panel.ts": "export class Panel { open() {} }\nexport type Size = 'a' | 'b';\n",
    "packages/ui/src/icons/index.js": "export const star = 1;\n",
    "packages/app/package.json": '{"name": "app"}',
    "packages/app/tsconfig.json": (
        '{ // comments are fine\n"compilerOptions": {"baseUrl": ".",'
        ' "paths": {"@lib/*": ["src/lib/*"], "one": ["src/one.ts"],}}}'
    ),
    "packages/app/src/lib/math.ts": "export default function add(a: number) { return a }\nexport const pi = 3;\n",
    "packages/app/src/one.ts": "export const one = 1;\n",
    "packages/app/src/util.js": "function legacy() {}\nmodule.exports = { legacy };\n",
    "packages/app/src/main.ts": (
        "import DefaultPanel, { Button, Size, outer, icons } from '@acme/ui';\n"
        "import add, { pi } from '@lib/math';\n"
        "import * as m from './lib/math.js';\n"
        "import { one } from 'one';\n"
        "import { pi as tau } from 'src/lib/math';\n"
        "import { Button as B2 } from '@acme/ui/button';\n"
        "import { useState } from 'react';\n"
        "const { legacy } = require('./util');\n"
        "export function start() {\n"
        "  Button(); m.pi; legacy();\n"
        "}\n"
        "class Wide extends DefaultPanel { close() {} }\n"
    ),
}
MAIN = "packages/app/src/main.ts"


@pytest.mark.parametrize(
    ("name", "qualifier", "expected"),
    [
        ("Button", "", ["packages/ui/src/button.tsx:Button"]),
        ("DefaultPanel", "", ["packages/ui/src/panel.ts:Panel"]),
        ("Size", "", ["packages/ui/src/panel.ts:Size"]),
        ("outer", "", ["packages/ui/src/index.ts:inner"]),
        ("star", "icons", ["packages/ui/src/icons/index.js:star"]),
        ("add", "", ["packages/app/src/lib/math.ts:add"]),
        ("pi", "", ["packages/app/src/lib/math.ts:pi"]),
        ("pi", "m", ["packages/app/src/lib/math.ts:pi"]),
        ("one", "", ["packages/app/src/one.ts:one"]),
        ("tau", "", ["packages/app/src/lib/math.ts:pi"]),
        ("B2", "", ["packages/ui/src/button.tsx:Button"]),
        ("legacy", "", ["packages/app/src/util.js:legacy"]),
        ("useState", "", []),
        ("open", "Wide", ["packages/ui/src/panel.ts:Panel.open"]),
    ],
)
def test_names_are_followed_to_their_definitions(name: str, qualifier: str, expected: list[str]) -> None:
    assert named(graph_of(TREE).resolve(MAIN, name, qualifier)) == expected


def test_callers_and_importers_cross_packages() -> None:
    graph = graph_of(TREE)
    (button,) = graph.resolve(MAIN, "Button")
    assert users(graph.callers(button)) == [f"{MAIN}:start"]
    assert graph.importers("packages/app/src/util.js") == [MAIN]
    assert graph.importers("packages/ui/src/index.ts") == [MAIN]
    assert sorted(graph.importers("packages/ui/src/button.tsx")) == [MAIN, "packages/ui/src/index.ts"]


def test_paths_do_not_lead_out_of_the_workspace() -> None:
    graph = graph_of(TREE)
    assert graph.find_module("packages/app/src/main.ts", "../../../../../etc/passwd") == ()
    assert graph.find_module("packages/app/src/main.ts", "/etc/passwd") == ()
