"""The settings as JSON schema, draft 2020-12, for editors to complete and check them by."""

from __future__ import annotations

import json
from typing import Any

from spark_lsp.settings.model import SETTINGS


def settings_schema() -> dict[str, Any]:
    """The schema of what one source may hold. Null stands for a default everywhere."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:spark-lsp:settings",
        "title": "Settings of spark-lsp",
        **SETTINGS.schema(),
    }


def settings_schema_text() -> str:
    """The schema as it stands in docs/settings.schema.json."""
    return json.dumps(settings_schema(), indent=2, ensure_ascii=False) + "\n"
