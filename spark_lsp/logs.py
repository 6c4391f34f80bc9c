"""Logging that never holds the user's code."""

from __future__ import annotations

import logging


class WithoutCode(logging.Filter):
    """Lets only our own records through as they are.

    Libraries log what they send and receive, with arguments and tracebacks: of their records only warnings pass,
    reduced to the constant part of the message and the kind of the error.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] == "spark_lsp":
            return True
        if record.levelno < logging.WARNING:
            return False
        record.msg = str(record.msg).partition("%")[0].partition("\n")[0].strip()
        record.args = ()
        if record.exc_info and record.exc_info[0] is not None:
            record.msg += f" ({record.exc_info[0].__name__})"
        record.exc_info = record.exc_text = None
        return True
