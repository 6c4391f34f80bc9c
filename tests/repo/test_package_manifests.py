"""What manifests declare, and from what a file imports to what has to be declared."""

from __future__ import annotations

import pytest

from spark_lsp.repo.package_manifests import declared_packages, ecosystem_of_manifest
from spark_lsp.repo.package_names import (
    go_declared,
    go_module,
    go_package,
    node_declared,
    node_package,
    python_declared,
    python_package,
    rust_package,
)

PYPROJECT = """\
[project]
name = "My.App"
dependencies = ["Requests>=2", 'typing_extensions ; python_version < "3.11"', "a[b,c]", "d @ https://example.org/d.whl"]
[project.optional-dependencies]
x = ["e"]
[dependency-groups]
test = ["f", {include-group = "x"}]
[build-system]
requires = ["hatchling"]
[tool.poetry]
name = "app"
[tool.poetry.dependencies]
python = "^3.11"
Group_G = { version = "1" }
[tool.poetry.group.dev.dependencies]
h = "*"
[tool.hatch.envs.default]
dependencies = ["i"]
[tool.uv]
dev-dependencies = ["j"]
"""
REQUIREMENTS = """\
# a comment
-r base.txt
--index-url https://example.org/simple
a==1  # b
C_d>=2,<3
e[f]~=1 ; python_version > "3"
g @ git+https://example.org/g
-e git+https://example.org/h#egg=h
./local
i
"""
CARGO = """\
[package]
name = "my-app"
[lib]
name = "mine"
[dependencies]
serde = { version = "1", features = ["derive"] }
tokio-util.workspace = true
renamed = { package = "original", version = "1" }
[dev-dependencies]
a = "1"
[build-dependencies]
b = "1"
[target.'cfg(unix)'.dependencies]
c = "1"
[dependencies.d]
version = "1"
[workspace.dependencies]
not_taken = "1"
"""
GO = """\
module example.org/app

go 1.22

require golang.org/x/sys v0.1.0
require (
\tgithub.com/a/b v1.0.0 // indirect
\t"github.com/c/d/v2" v2.0.0
\t// github.com/no/no v1.0.0
)
replace example.org/e => ../e
exclude github.com/f/f v1.0.0
"""
PACKAGE = """\
{"name": "@me/app", "dependencies": {"a": "1", "@b/c": "2"}, "devDependencies": {"d": "*"},
 "peerDependencies": {"e": "*"}, "optionalDependencies": {"f": "*"}, "bundledDependencies": ["g"], "scripts": {"h": ""}}
"""
SETUP = """\
[metadata]
name = my-app
[options]
install_requires =
    a
    # b
    c>=1; python_version < "3"
    d
[options.extras_require]
test = e; f
"""


@pytest.mark.parametrize(
    ("path", "text", "names", "own"),
    [
        (
            "pyproject.toml",
            PYPROJECT,
            "requests typing-extensions a d e f hatchling python group-g h i j",
            "my-app app",
        ),
        ("requirements.txt", REQUIREMENTS, "a c-d e g h i", ""),
        ("requirements/dev.in", "a\n", "a", ""),
        ("Cargo.toml", CARGO, "serde tokio_util renamed a b c d", "my_app mine"),
        ("go.mod", GO, "golang.org/x/sys github.com/a/b github.com/c/d/v2 example.org/e", "example.org/app"),
        ("package.json", PACKAGE, "a @b/c d e f g", "@me/app"),
        ("package.json", "{}", "", ""),
        ("package.json", '{"dependencies": [1], "name": 2}', "", ""),
        ("setup.cfg", SETUP, "a c d e f", "my-app"),
        ("Pipfile", '[packages]\nrequests = "*"\n', "packages requests", ""),
        ("pyproject.toml", "[project]\ndependencies = 'no'\n", "", ""),
    ],
)
def test_declared(path: str, text: str, names: str, own: str) -> None:
    declared = declared_packages(path, text)
    assert declared is not None
    assert declared.names == set(names.split())
    assert set(declared.own) == set(own.split())


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "[project\n"),
        ("pyproject.toml", f"{'a.' * 50_000}b = 1\n"),
        ("pyproject.toml", f"a = {'[' * 100_000}"),
        ("package.json", "{"),
        ("package.json", "[]"),
        ("package.json", "[" * 100_000),
        ("package.json", f'{{"a": {"1" * 10_000}}}'),
        ("Cargo.toml", "=\n"),
        ("setup.cfg", "no section\n"),
    ],
)
def test_what_cannot_be_read_declares_nothing_for_certain(path: str, text: str) -> None:
    assert declared_packages(path, text) is None


@pytest.mark.parametrize(
    ("path", "ecosystem"),
    [
        ("/project/pyproject.toml", "python"),
        ("/project/requirements.txt", "python"),
        ("/project/requirements-dev.txt", "python"),
        ("/project/dev-requirements.txt", "python"),
        ("/project/requirements.in", "python"),
        ("/project/requirements/base.txt", "python"),
        ("/project/setup.py", "python"),
        ("/project/package.json", "node"),
        ("/project/Cargo.toml", "rust"),
        ("/project/go.mod", "go"),
        ("/project/package-lock.json", None),
        ("/project/notes.txt", None),
        ("/project/go.sum", None),
    ],
)
def test_manifests_by_name(path: str, ecosystem: str | None) -> None:
    assert ecosystem_of_manifest(path) == ecosystem


@pytest.mark.parametrize(
    ("module", "package"),
    [
        ("requests", "requests"),
        ("requests.adapters", "requests"),
        ("yaml", "PyYAML"),
        ("cv2", "opencv-python"),
        ("sklearn.svm", "scikit-learn"),
        ("my_package", "my-package"),
        ("os.path", None),
        ("__future__", None),
        ("google.cloud.storage", None),
        (".local", None),
        ("", None),
    ],
)
def test_python_packages(module: str, package: str | None) -> None:
    assert python_package(module) == package


@pytest.mark.parametrize(
    ("module", "name", "declared"),
    [
        ("requests", "requests", True),
        ("requests", "types-requests", False),
        ("requests", "requests-mock", False),
        ("yaml", "pyyaml", True),
        ("yaml", "types-pyyaml", False),
        ("cv2", "opencv-python-headless", True),
        ("PIL.Image", "pillow", True),
        ("psycopg2", "psycopg2-binary", True),
        ("environ", "django-environ", True),
        ("mcp", "python-mcp", True),
        ("slack", "slackpy", True),
        ("a_b", "a-b", True),
        ("a", "b", False),
    ],
)
def test_python_names_that_stand_for_a_module(module: str, name: str, *, declared: bool) -> None:
    assert python_declared(module, {name}) == declared


@pytest.mark.parametrize(
    ("specifier", "package"),
    [
        ("react", "react"),
        ("lodash/fp", "lodash"),
        ("@a/b", "@a/b"),
        ("@a/b/c/d", "@a/b"),
        ("@a", None),
        ("./x", None),
        ("../x", None),
        ("/x", None),
        ("#x", None),
        ("@/x", None),
        ("~/x", None),
        ("fs", None),
        ("fs/promises", None),
        ("node:fs", None),
        ("https://example.org/x.js", None),
        ("virtual:pwa", None),
        ("", None),
        ('a"b', None),
    ],
)
def test_node_packages(specifier: str, package: str | None) -> None:
    assert node_package(specifier) == package


def test_types_stand_for_a_node_package() -> None:
    assert node_declared("a", {"@types/a"})
    assert node_declared("@a/b", {"@types/a__b"})
    assert not node_declared("a", {"@types/b", "ab"})


@pytest.mark.parametrize(
    ("path", "crate"),
    [
        ("serde::de", "serde"),
        ("::serde", "serde"),
        ("serde_json", "serde_json"),
        ("async_trait", "async-trait"),
        ("std::io", None),
        ("crate::a", None),
        ("self::m", None),
        ("super::m", None),
        ("Vec", None),
        ("u8", None),
    ],
)
def test_crates(path: str, crate: str | None) -> None:
    assert rust_package(path) == crate


@pytest.mark.parametrize(
    ("path", "package", "module"),
    [
        ("fmt", None, None),
        ("net/http", None, None),
        ("C", None, None),
        ("./x", None, None),
        ("github.com/a/b/c", "github.com/a/b/c", "github.com/a/b"),
        ("github.com/a/b/v2/c", "github.com/a/b/v2/c", "github.com/a/b/v2"),
        ("golang.org/x/sys/unix", "golang.org/x/sys/unix", "golang.org/x/sys"),
        ("gopkg.in/yaml.v3", "gopkg.in/yaml.v3", "gopkg.in/yaml.v3"),
        ("gopkg.in/a/b.v1/c", "gopkg.in/a/b.v1/c", "gopkg.in/a/b.v1"),
        ("example.org/a/b", "example.org/a/b", None),
        ("github.com/a", "github.com/a", None),
    ],
)
def test_go_packages(path: str, package: str | None, module: str | None) -> None:
    assert go_package(path) == package
    if package is not None:
        assert go_module(path) == module


def test_a_go_module_holds_what_begins_with_its_path() -> None:
    assert go_declared("github.com/a/b/c", {"github.com/a/b"})
    assert go_declared("github.com/a/b", {"github.com/a/b"})
    assert not go_declared("github.com/a/bc", {"github.com/a/b"})
