"""What the tests with a server of their own share."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest_asyncio

from support.shared_editors import Editors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def editors(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editors]:
    """Editors for the tests of one module."""
    async with AsyncExitStack() as stack:
        yield Editors(tmp_path_factory.mktemp("editors"), stack)
