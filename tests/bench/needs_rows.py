"""More rows like those of the data's `needs/`, from whatever sources are on this machine.

A function's body is taken away; needed is what names in it mean in other files, by a resolver that is simple and shares
nothing with the product's: imports, the names of a Go package, and members of imported modules. What is defined more
than once or shadowed is left out.
"""

from __future__ import annotations

import ast
import posixpath
import random
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

MOST_ROWS = 200
FEWEST_LINES, MOST_LINES = 4, 60
_ENDINGS = {"python": (".py",), "go": (".go",), "typescript": (".ts",)}
_STRINGS_AND_COMMENTS = re.compile(r'"(?:\\.|[^"\\\n])*"|`[^`]*`|//[^\n]*|/\*.*?\*/|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)

Row = dict[str, Any]


def sources(root: Path, language: str) -> dict[str, str]:
    """The files of a tree, by their paths in it."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        wanted = name.endswith(_ENDINGS[language]) and not name.endswith((".d.ts", ".min.js"))
        if wanted and not re.search(r"(^|/)(vendor|node_modules|testdata|dist)/", name) and path.is_file():
            found[name] = path.read_bytes().decode("utf-8", "replace")
    return found


def rows_of(root: Path, language: str, seed: int = 1) -> list[Row]:
    """Up to `MOST_ROWS` rows of a tree, the same ones every time."""
    files = sources(root, language)
    made = list(_MAKERS[language](files))
    random.Random(seed).shuffle(made)
    return made[:MOST_ROWS]


def _row(path: str, name: str, lines: list[str], first: int, last: int, needed: Iterable[tuple[str, str, int]]) -> Row:
    """Lines [first, last] are the body."""
    column = len(lines[first]) - len(lines[first].lstrip())
    return {
        "path": path,
        "function": name,
        "line": first,
        "column": column,
        "end_line": last,
        "end_column": len(lines[last].rstrip("\r")),
        "needed": [{"name": name, "path": there, "line": line} for name, there, line in sorted(set(needed))],
    }


# Python


def _python(files: Mapping[str, str]) -> Iterator[Row]:
    trees = {}
    for path, text in files.items():
        try:
            trees[path] = ast.parse(text)
        except (SyntaxError, ValueError):
            continue
    tops = {path: _python_tops(tree) for path, tree in trees.items()}
    for path, tree in trees.items():
        imported = _python_imports(path, tree, trees)
        lines = files[path].split("\n")
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            body = node.body
            is_doc = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
            body = body[1:] if is_doc else body
            if not body or body[0].lineno == node.lineno:
                continue
            first, last = body[0].lineno - 1, (body[-1].end_lineno or 0) - 1
            decorators = getattr(body[0], "decorator_list", None)
            first = min(first, decorators[0].lineno - 1) if decorators else first
            if not FEWEST_LINES <= last - first + 1 <= MOST_LINES:
                continue
            needed = set(_python_needs(node, body, imported, tops, trees))
            if needed:
                yield _row(path, node.name, lines, first, last, needed)


def _python_tops(tree: ast.Module) -> dict[str, int]:
    found: dict[str, list[int]] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.setdefault(node.name, []).append(node.lineno - 1)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.lineno - 1)
    return {name: lines[0] for name, lines in found.items() if len(lines) == 1}


def _python_module(path: str, module: str | None, level: int, trees: Mapping[str, object]) -> str | None:
    folder = posixpath.dirname(path)
    for _ in range(level - 1):
        folder = posixpath.dirname(folder)
    inner = (module or "").replace(".", "/")
    base = posixpath.join(folder, inner) if level else inner
    base = base.rstrip("/")
    return next((name for name in (f"{base}.py", f"{base}/__init__.py") if name in trees), None)


def _python_imports(path: str, tree: ast.Module, trees: Mapping[str, ast.Module]) -> dict[str, tuple[str, str | None]]:
    """Local names, and the file and the name there that they stand for."""
    found: dict[str, tuple[str, str | None]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}" if node.module else alias.name
                if (module := _python_module(path, inner, node.level, trees)) is not None:
                    found[alias.asname or alias.name] = (module, None)
                elif (module := _python_module(path, node.module, node.level, trees)) is not None:
                    found[alias.asname or alias.name] = (module, alias.name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                module = _python_module(path, alias.name, 0, trees)
                if module is not None and (alias.asname or "." not in alias.name):
                    found[alias.asname or alias.name] = (module, None)
    return found


def _python_follow(
    place: tuple[str, str], tops: Mapping[str, Mapping[str, int]], trees: Mapping[str, ast.Module]
) -> tuple[str, str, int] | None:
    path, name = place
    for _ in range(5):
        if name in tops[path]:
            return name, path, tops[path][name]
        following = _python_imports(path, trees[path], trees).get(name)
        if following is None or following[1] is None:
            return None
        path, name = following[0], following[1]
    return None


def _python_needs(
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    body: list[ast.stmt],
    imported: Mapping[str, tuple[str, str | None]],
    tops: Mapping[str, Mapping[str, int]],
    trees: Mapping[str, ast.Module],
) -> Iterator[tuple[str, str, int]]:
    shadowed = {argument.arg for argument in ast.walk(node) if isinstance(argument, ast.arg)}
    shadowed |= {name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)}
    for inner in (inner for statement in body for inner in ast.walk(statement)):
        place: tuple[str, str | None] | None = None
        if isinstance(inner, ast.Name) and inner.id not in shadowed:
            place = imported.get(inner.id)
        elif isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name) and inner.value.id not in shadowed:
            module = imported.get(inner.value.id)
            place = (module[0], inner.attr) if module is not None and module[1] is None else None
        if place is not None and place[1] is not None:
            found = _python_follow((place[0], place[1]), tops, trees)
            if found is not None:
                yield found


# Go

_GO_TOP = re.compile(r"^(?:func|type|var|const) (\w+)")
_GO_METHOD = re.compile(r"^func \((\w+) \*?(\w+)[^)]*\) (\w+)[(\[]")
_GO_IMPORT = re.compile(r'^\s*(?:import )?(?:(\w+) )?"([\w./-]+)"$')


def _go(files: Mapping[str, str]) -> Iterator[Row]:
    module = _go_module(files)
    tops: dict[str, dict[str, list[tuple[str, int]]]] = {}
    for path, text in files.items():
        table = tops.setdefault(posixpath.dirname(path), {})
        for number, line in enumerate(text.split("\n")):
            if match := _GO_TOP.match(line):
                table.setdefault(match[1], []).append((path, number))
            elif match := _GO_METHOD.match(line):
                table.setdefault(f"{match[2]}.{match[3]}", []).append((path, number))
    for path, text in files.items():
        lines = text.split("\n")
        imports = {
            (match[1] or posixpath.basename(match[2])): match[2].removeprefix(f"{module}/")
            for line in lines
            if (match := _GO_IMPORT.match(line))
        }
        start = None
        for number, line in enumerate(lines):
            if line.startswith("func ") and line.rstrip().endswith("{"):
                start = number
            elif line.startswith("}") and start is not None:
                first, last = start + 1, number - 1
                if FEWEST_LINES <= last - first + 1 <= MOST_LINES:
                    needed = set(_go_needs(path, lines[start], "\n".join(lines[first : last + 1]), imports, tops))
                    if needed:
                        yield _row(path, lines[start].split("{")[0][5:45], lines, first, last, needed)
                start = None


def _go_module(files: Mapping[str, str]) -> str:
    """The prefix of imports that lead to folders here: what most imports with a folder of the tree begin with."""
    folders = {posixpath.dirname(path) for path in files}
    prefixes: Counter[str] = Counter()
    for text in files.values():
        for line in text.split("\n")[:60]:
            parts = match[2].split("/") if (match := _GO_IMPORT.match(line)) else []
            for length in range(1, len(parts)):
                prefixes["/".join(parts[:length])] += "/".join(parts[length:]) in folders
    return prefixes.most_common(1)[0][0] if prefixes else ""


def _go_needs(
    path: str,
    head: str,
    body: str,
    imports: Mapping[str, str],
    tops: Mapping[str, Mapping[str, list[tuple[str, int]]]],
) -> Iterator[tuple[str, str, int]]:
    body = _STRINGS_AND_COMMENTS.sub('""', body)
    own = tops.get(posixpath.dirname(path), {})
    shadowed = set(re.findall(r"\w+", head.partition("{")[0]))
    for names in re.findall(r"([\w, ]+):=|var ([\w, ]+)", body):
        shadowed |= set(re.findall(r"\w+", " ".join(names)))
    shadowed |= set(re.findall(r"(\w+)\s*:", body))
    receiver = _GO_METHOD.match(head)
    for match in re.finditer(r"(?<![\w.])(\w+)(?:\.(\w+))?", body):
        name, attribute = match[1], match[2]
        if receiver and name == receiver[1] and attribute:
            yield from _single(f"{receiver[2]}.{attribute}", own, path)
        elif name in shadowed:
            continue
        elif attribute and name in imports:
            yield from _single(attribute, tops.get(imports[name], {}), path)
        elif name not in imports:
            yield from _single(name, own, path)


def _single(name: str, table: Mapping[str, list[tuple[str, int]]], path: str) -> Iterator[tuple[str, str, int]]:
    places = table.get(name, [])
    if len(places) == 1 and places[0][0] != path:
        yield name, *places[0]


# TypeScript

_TS_TOP = re.compile(
    r"^export (?:declare )?(?:default )?(?:abstract )?(?:async )?"
    r"(?:function\*?|const|let|class|interface|type|enum) (\w+)"
)
_TS_IMPORT = re.compile(
    r"^import (?:type )?(?:(\w+),? ?)?(?:\{([^}]*)\}|\* as (\w+))? ?from ['\"]([^'\"]+)['\"]", re.MULTILINE
)
_TS_EXPORT_ALL = re.compile(r"^export (?:\* from|\{[^}]*\} from) ['\"]([^'\"]+)['\"]", re.MULTILINE)
_TS_HEAD = re.compile(
    r"^(\s*)(?:export )?(?:default )?(?:async )?(?:function\*? (\w+)|const (\w+)\b.*=>|(?:\w+ )*(\w+)\(.*\).*) ?\{$"
)


def _typescript(files: Mapping[str, str]) -> Iterator[Row]:
    tops: dict[str, dict[str, int]] = {}
    for path, text in files.items():
        places: dict[str, list[int]] = {}
        for number, line in enumerate(text.split("\n")):
            if match := _TS_TOP.match(line):
                places.setdefault(match[1], []).append(number)
        tops[path] = {name: numbers[0] for name, numbers in places.items() if len(numbers) == 1}
    for path, text in files.items():
        names, spaces = _typescript_imports(path, text, files)
        lines = text.split("\n")
        for start, line in enumerate(lines):
            match = _TS_HEAD.match(line)
            if match is None or (match[4] or "") in ("if", "for", "while", "switch", "catch"):
                continue
            end = next((at for at in range(start + 1, len(lines)) if lines[at].startswith(f"{match[1]}}}")), None)
            if end is None or not FEWEST_LINES <= end - start - 1 <= MOST_LINES:
                continue
            body = "\n".join(lines[start + 1 : end])
            needed = set(_typescript_needs(body, line, names, spaces, tops, files))
            if needed:
                name = match[2] or match[3] or match[4] or ""
                yield _row(path, name, lines, start + 1, end - 1, needed)


def _typescript_module(path: str, module: str, files: Mapping[str, str]) -> str | None:
    if not module.startswith("."):
        return None
    base = posixpath.normpath(posixpath.join(posixpath.dirname(path), module))
    stem = re.sub(r"\.(js|ts)$", "", base)
    return next((name for name in (f"{stem}.ts", f"{stem}/index.ts") if name in files), None)


def _typescript_imports(
    path: str, text: str, files: Mapping[str, str]
) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    names: dict[str, tuple[str, str]] = {}
    spaces: dict[str, str] = {}
    for match in _TS_IMPORT.finditer(text):
        module = _typescript_module(path, match[4], files)
        if module is None:
            continue
        if match[3]:
            spaces[match[3]] = module
        for part in (match[2] or "").split(","):
            words = part.replace("type ", "").split(" as ")
            if words[0].strip():
                names[words[-1].strip()] = (module, words[0].strip())
    return names, spaces


def _typescript_follow(
    path: str, name: str, tops: Mapping[str, Mapping[str, int]], files: Mapping[str, str], depth: int = 0
) -> tuple[str, str, int] | None:
    if name in tops[path]:
        return name, path, tops[path][name]
    for match in _TS_EXPORT_ALL.finditer(files[path]) if depth < 4 else ():
        module = _typescript_module(path, match[1], files)
        found = _typescript_follow(module, name, tops, files, depth + 1) if module is not None else None
        if found is not None:
            return found
    return None


def _typescript_needs(
    body: str,
    head: str,
    names: Mapping[str, tuple[str, str]],
    spaces: Mapping[str, str],
    tops: Mapping[str, Mapping[str, int]],
    files: Mapping[str, str],
) -> Iterator[tuple[str, str, int]]:
    body = _STRINGS_AND_COMMENTS.sub('""', body)
    shadowed = set(re.findall(r"(?:const|let|var|function) (\w+)", body)) | set(re.findall(r"(\w+)\??:", head))
    for match in re.finditer(r"(?<![\w.$])(\w+)(?:\.(\w+))?", body):
        name, attribute = match[1], match[2]
        if name in shadowed:
            continue
        if name in names:
            found = _typescript_follow(*names[name], tops, files)
        elif attribute and name in spaces:
            found = _typescript_follow(spaces[name], attribute, tops, files)
        else:
            continue
        if found is not None:
            yield found


_MAKERS: dict[str, Callable[[Mapping[str, str]], Iterator[Row]]] = {
    "python": _python,
    "go": _go,
    "typescript": _typescript,
}
