"""What the server's log says about ghost text that was not shown."""

from __future__ import annotations

import logging


class Reasons(logging.Handler):
    """Collects those records, for as long as the process lives; nothing else of the log is printed."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if "inline" in record.name:
            self.said.append(record.getMessage())

    @classmethod
    def listen(cls) -> Reasons:
        """Begin. The setting log.level must be "debug", too."""
        logger = logging.getLogger("spark_lsp")
        reasons = cls()
        logger.addHandler(reasons)
        logger.propagate = False
        return reasons
