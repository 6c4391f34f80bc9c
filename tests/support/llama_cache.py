"""Where a llama-server for the tests lies once it is built: a folder each for the program and the models.

The names hold what they were made from, so that an old one is never taken for the current one. The folders appear
whole: `llama_build` makes them elsewhere and moves them.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from support.cache_filling import cache_folder

VERSION = "0.3.36"
"""Of the package llama-cpp-python, which holds the sources of llama.cpp."""
SHA256 = "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e"
CMAKE_OPTIONS = (
    "-DCMAKE_BUILD_TYPE=Release",
    "-DBUILD_SHARED_LIBS=OFF",
    "-DGGML_CCACHE=OFF",
    "-DGGML_METAL=OFF",
    "-DGGML_NATIVE=OFF",  # a cache may travel to another machine
    "-DGGML_OPENMP=OFF",  # one thread is enough for tiny models
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_SERVER=ON",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_TOOLS=ON",
    "-DLLAMA_BUILD_UI=OFF",
    "-DLLAMA_OPENSSL=OFF",
    "-DLLAMA_USE_PREBUILT_UI=OFF",
)
PROGRAM = "llama-server.exe" if os.name == "nt" else "llama-server"
_MODEL_SOURCES = (Path(__file__).with_name("tiny_models.py"), Path(__file__).with_name("tiny_script.py"))


@dataclass(frozen=True, slots=True)
class LlamaCache:
    """The places in one cache folder."""

    folder: Path
    name: str = "llama-server"

    @property
    def server(self) -> Path:
        """The folder of the program."""
        return self.folder / f"llama-server-{VERSION}-{_digest(SHA256.encode(), *map(str.encode, CMAKE_OPTIONS))}"

    @property
    def program(self) -> Path:
        return self.server / PROGRAM

    @property
    def models(self) -> Path:
        """The folder of `tiny-script.gguf` and `tiny-random.gguf`."""
        return self.folder / f"tiny-models-{_digest(*(path.read_bytes() for path in _MODEL_SOURCES))}"

    @property
    def reason(self) -> Path:
        """The file that says in one sentence why the server could not be built."""
        return self.folder / "why-there-is-no-llama-server.txt"

    @property
    def complete(self) -> bool:
        return self.server.exists() and self.models.exists()

    @property
    def made(self) -> Path:
        return self.folder

    def missing(self) -> str:
        """Why there is no server to test with, for the user; empty if there is one."""
        if self.complete:
            return ""
        if self.reason.exists():
            return self.reason.read_text(encoding="utf-8")
        return "There is no llama-server in the cache: run scripts/get-llama-server."


def llama_cache() -> LlamaCache:
    return LlamaCache(cache_folder())


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]
