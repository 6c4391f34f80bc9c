"""From what a file imports to the package that has to be declared for it, by ecosystem. Pure.

- Python: the first part of the module; the distribution often has another name, for which there is a table of the
  well-known cases. Distributions are compared without case and with ``-`` for ``_`` and ``.`` (PEP 503).
- JavaScript: the first part of the specifier, or the first two behind an ``@``.
- Rust: the first part of the path; ``-`` in the name of a crate is ``_`` in code.
- Go: import paths begin with the path of their module.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

_SEPARATORS: Final = re.compile(r"[-_.]+")
_LOOSE: Final = re.compile(r"^(?:python|py)-?|-?(?:python|py)[23]?$|-(?:binary|headless|cpu|gpu|bin|nightly|stubs)$|-")

# What the names of distributions begin with that add to something larger, where the module may do without.
_FAMILIES: Final = ("apache", "django", "flask")
# Python modules whose distribution is called something else: the first is the one to add, any of them will do.
_DISTRIBUTIONS: Final = {
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "bson": "pymongo",
    "Crypto": "pycryptodome",
    "cv2": "opencv-python opencv-python-headless opencv-contrib-python opencv-contrib-python-headless",
    "dateutil": "python-dateutil",
    "discord": "discord.py py-cord",
    "dns": "dnspython",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "faiss": "faiss-cpu faiss-gpu",
    "fitz": "PyMuPDF",
    "flask_cors": "Flask-Cors",
    "flask_login": "Flask-Login",
    "flask_sqlalchemy": "Flask-SQLAlchemy",
    "git": "GitPython",
    "github": "PyGithub",
    "gi": "PyGObject",
    "gitlab": "python-gitlab",
    "grpc": "grpcio",
    "grpc_tools": "grpcio-tools",
    "jose": "python-jose",
    "jwt": "PyJWT",
    "kafka": "kafka-python kafka-python-ng",
    "ldap": "python-ldap",
    "magic": "python-magic",
    "markdown": "Markdown",
    "memcache": "python-memcached",
    "mpl_toolkits": "matplotlib",
    "multipart": "python-multipart",
    "MySQLdb": "mysqlclient",
    "nacl": "PyNaCl",
    "OpenGL": "PyOpenGL",
    "OpenSSL": "pyOpenSSL",
    "PIL": "Pillow pillow-simd",
    "pkg_resources": "setuptools",
    "pptx": "python-pptx",
    "psycopg2": "psycopg2 psycopg2-binary",
    "pylab": "matplotlib",
    "pythoncom": "pywin32",
    "pywintypes": "pywin32",
    "rest_framework": "djangorestframework",
    "ruamel": "ruamel.yaml",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "slugify": "python-slugify",
    "snappy": "python-snappy",
    "socks": "PySocks",
    "sqlalchemy": "SQLAlchemy",
    "telegram": "python-telegram-bot",
    "tlz": "toolz",
    "usb": "pyusb",
    "websocket": "websocket-client",
    "win32api": "pywin32",
    "win32com": "pywin32",
    "win32con": "pywin32",
    "win32gui": "pywin32",
    "wx": "wxPython",
    "Xlib": "python-xlib",
    "yaml": "PyYAML",
    "zmq": "pyzmq",
}
# Modules that many distributions put something into: what is to be declared cannot be told from the name.
_SHARED_MODULES: Final = frozenset(
    {"google", "azure", "aws", "zope", "backports", "sphinxcontrib", "jaraco", "opentelemetry"}
)
_NODE_BUILTINS: Final = frozenset(
    {
        *("assert", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto", "dgram"),
        *(
            "diagnostics_channel",
            "dns",
            "domain",
            "events",
            "fs",
            "http",
            "http2",
            "https",
            "inspector",
            "module",
            "net",
        ),
        *("os", "path", "perf_hooks", "process", "punycode", "querystring", "readline", "repl", "stream"),
        *("string_decoder", "sys", "timers", "tls", "trace_events", "tty", "url", "util", "v8", "vm", "wasi"),
        *("worker_threads", "zlib"),
    }
)
_NODE_NAME: Final = re.compile(r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-zA-Z0-9-][a-zA-Z0-9._~-]*")
_RUST_OWN: Final = frozenset({"crate", "self", "super", "Self", "std", "core", "alloc", "proc_macro", "test", ""})
_RUST_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_RUST_PRIMITIVES: Final = frozenset(
    {
        *("bool", "char", "str", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64"),
        *("u128", "usize", "fn", "dyn", "impl"),
    }
)
# Crates with a hyphen that are often used. Which of the two another crate has cannot be seen in code.
_CRATES: Final = frozenset(
    {
        *("actix-rt", "actix-web", "assert-json-diff", "async-std", "async-stream", "async-trait", "axum-extra"),
        *("color-eyre", "crossbeam-channel", "crossbeam-utils", "futures-core", "futures-util", "http-body-util"),
        *("hyper-util", "js-sys", "proc-macro2", "tokio-rustls", "tokio-stream", "tokio-util", "tower-http"),
        *("tracing-subscriber", "unicode-segmentation", "unicode-width", "wasm-bindgen", "web-sys"),
    }
)
_GO_NAME: Final = re.compile(r"[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~+-]+)*")
# Hosts of Go modules, and how many parts of a path there name a module.
_GO_MODULE_PARTS: Final = {
    "github.com": 3,
    "gitlab.com": 3,
    "bitbucket.org": 3,
    "codeberg.org": 3,
    "golang.org": 3,
    "gopkg.in": 2,
    "k8s.io": 2,
    "sigs.k8s.io": 2,
    "go.uber.org": 2,
    "google.golang.org": 2,
}
_GO_MAJOR: Final = re.compile(r"v\d+")


def normal_distribution(name: str) -> str:
    """The name of a Python distribution as PEP 503 compares it."""
    return _SEPARATORS.sub("-", name).lower()


def normal_crate(name: str) -> str:
    """The name of a crate as it is written in code."""
    return name.replace("-", "_")


def python_package(module: str) -> str | None:
    """The distribution to declare for a module; None if it needs none, or if nobody can tell."""
    top = module.split(".", maxsplit=1)[0]
    if not top.isidentifier() or top in sys.stdlib_module_names or top in _SHARED_MODULES or top.startswith("_"):
        return None
    return _DISTRIBUTIONS[top].split()[0] if top in _DISTRIBUTIONS else top.replace("_", "-")


def python_declared(module: str, names: Collection[str]) -> bool:
    """Whether one of the normal names may stand for a module. In doubt it does: `pyfoo` and `foo-python` for `foo`."""
    top = module.split(".", maxsplit=1)[0]
    wanted = {normal_distribution(name) for name in (top, *_DISTRIBUTIONS.get(top, "").split())}
    if not wanted.isdisjoint(names):
        return True
    wanted |= {f"{family}-{name}" for family in _FAMILIES for name in wanted}
    loose = {_LOOSE.sub("", name) for name in wanted} - {""}
    return any(name in wanted or _LOOSE.sub("", name) in loose for name in names)


def node_package(specifier: str) -> str | None:
    """The package of an import's specifier; None for a file, an alias, a builtin or a URL."""
    if specifier.startswith((".", "/", "#", "~", "@/", "$")) or ":" in specifier:
        return None
    parts = specifier.split("/")
    name = "/".join(parts[: 2 if specifier.startswith("@") else 1])
    if name in _NODE_BUILTINS or not _NODE_NAME.fullmatch(name):
        return None
    return name


def node_declared(name: str, names: Collection[str]) -> bool:
    """Whether a package is declared, by itself or by its types."""
    types = f"@types/{name.removeprefix('@').replace('/', '__')}"
    return name in names or types in names


def rust_package(path: str) -> str | None:
    """The crate that a path begins with; None for what is not one."""
    first = path.removeprefix("::").split("::")[0]
    if first in _RUST_OWN or first in _RUST_PRIMITIVES or not _RUST_NAME.fullmatch(first):
        return None
    return next((crate for crate in _CRATES if normal_crate(crate) == first), first)


def go_package(path: str) -> str | None:
    """The import path itself, if it is not of the standard library, whose paths begin without a dot."""
    if "." not in path.split("/", maxsplit=1)[0] or path.startswith(".") or not _GO_NAME.fullmatch(path):
        return None
    return path


def go_module(path: str) -> str | None:
    """The path of the module that an import path is of; None if its host does not tell."""
    parts = path.split("/")
    count = _GO_MODULE_PARTS.get(parts[0])
    if count is None:
        return None
    if parts[0] == "gopkg.in" and len(parts) > 2 and not re.search(r"\.v\d+$", parts[1]):
        count = 3
    if len(parts) < count:
        return None
    if len(parts) > count and parts[0] != "gopkg.in" and _GO_MAJOR.fullmatch(parts[count]):
        count += 1
    return "/".join(parts[:count])


def go_declared(path: str, names: Collection[str]) -> bool:
    """Whether a module whose path is among the names holds an import path."""
    return any(path == name or path.startswith(f"{name}/") for name in names)
