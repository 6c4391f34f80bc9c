"""What manifests say, and that other people's manifests break nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.repo.manifests import MANIFESTS, Manifest, pack_manifest, read_manifest, unpack_manifest


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "a/package.json",
            (
                '{"name": "@a/b", "main": "dist/x.js", "source": "src/x.ts",'
                ' "dependencies": {"c": "1"}, "devDependencies": {"d": 1}}'
            ),
            Manifest("package.json", "@a/b", "src/x.ts", (), ("c", "d")),
        ),
        (
            "tsconfig.json",
            '// c\n{"extends": "./x", /* c */ "compilerOptions": {"baseUrl": "./src", "paths": {"@/*": ["./*"],},},}',
            Manifest("tsconfig.json", "", "./src", (("@/*", ("./*",)),)),
        ),
        (
            "go.mod",
            "module example.com/a/b\n\nrequire (\n\tgithub.com/c/d v1.2.3\n\texample.org/e v0.1.0 // indirect\n)\n",
            Manifest("go.mod", "example.com/a/b", dependencies=("github.com/c/d", "example.org/e")),
        ),
        (
            "Cargo.toml",
            '[package]\nname = "my-crate"\n[lib]\npath = "x.rs"\n[dependencies]\nserde = "1"\n',
            Manifest("Cargo.toml", "my_crate", "x.rs", dependencies=("serde",)),
        ),
        (
            "composer.json",
            '{"name": "a/b", "autoload": {"psr-4": {"App\\\\": "src/"}}, "require": {"php": "8"}}',
            Manifest("composer.json", "a/b", "", (("App\\", ("src/",)),), ("php",)),
        ),
        (
            "pyproject.toml",
            '[project]\nname = "p"\ndependencies = ["httpx>=0.28", "attrs"]\n[dependency-groups]\ndev = ["pytest>8"]\n',
            Manifest("pyproject.toml", "p", dependencies=("httpx", "attrs", "pytest")),
        ),
        (
            "Cargo.toml",
            '[package]\nname = "a-b"\n[build-dependencies]\nc-d = "1"\n[target.x.dependencies]\ne = "1"\n',
            Manifest("Cargo.toml", "a_b", dependencies=("c-d", "e")),
        ),
        (
            "pyproject.toml",
            (
                '[build-system]\nrequires = ["z"]\n[tool.poetry]\nname = "P"\n'
                "[tool.poetry.group.dev.dependencies]\nQ_r = 1\n"
            ),
            Manifest("pyproject.toml", "p", dependencies=("z", "Q_r")),
        ),
        ("requirements.txt", "# c\na==1\n-r x\nb[c]>2 ; d\n", Manifest("requirements.txt", dependencies=("a", "b"))),
        ("package.json", '{"name": ["no"], "dependencies": [], "main": 3}', Manifest("package.json")),
        ("package.json", "[]", None),
        ("package.json", "{", None),
        ("Cargo.toml", "= =", None),
        ("package.json", "[" * 100_000, None),
    ],
)
def test_manifests_are_read(path: str, text: str, expected: Manifest | None) -> None:
    found = read_manifest(path, text)
    assert found == expected
    if found is not None:
        assert unpack_manifest(pack_manifest(found)) == found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ("name", "compilerOptions", "paths", "baseUrl", "dependencies", "autoload", "psr-4", "require")
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from(sorted(MANIFESTS)), st.text(max_size=60) | JSON.map(repr) | JSON.map(json.dumps))
def test_whatever_a_manifest_holds_nothing_is_raised(name: str, text: str) -> None:
    found = read_manifest(name, text)
    assert found is None or unpack_manifest(pack_manifest(found)) == found
