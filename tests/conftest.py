"""What every test needs: the helpers in tests/support, and hypothesis without a clock."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import settings

if TYPE_CHECKING:
    import pytest

sys.path.insert(0, str(Path(__file__).parent))

_STATE = tempfile.TemporaryDirectory(prefix="spark-lsp-tests-")

# In the background of a shell interrupts are ignored, and what the tests start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Nothing of the developer's machine is to be found: no keys in its environment, no model server on its ports.
os.environ["SPARK_LSP_LOCAL_SERVERS"] = ""
os.environ["SPARK_LSP_STATE"] = _STATE.name
os.environ["SPARK_LSP_CACHE"] = str(Path(_STATE.name) / "cache")
for variable in [name for name in os.environ if name.endswith("_API_KEY")]:
    del os.environ[variable]

settings.register_profile("everyday", deadline=None, max_examples=60)
# What guards main says the same of the same code twice; "wide" looks elsewhere each time.
settings.register_profile("long", deadline=None, max_examples=2_000, derandomize=True)
settings.register_profile("wide", deadline=None, max_examples=2_000)
settings.load_profile("everyday")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write what came out into the scenario files")
    parser.addoption("--real-servers", action="store_true", help="also run what needs a llama-server")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Real servers have a script of their own: scripts/test-servers."""
    return True if collection_path.name == "real_servers" and not config.getoption("--real-servers") else None
