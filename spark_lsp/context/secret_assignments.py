"""Finds secrets that only their surroundings give away: what is assigned to a password, what a URL logs in with.

A value counts if the name in front of it says that it is a secret, in any of the ways in which languages, settings
files and command lines put a name before a value, and if the value looks like one (`secret_values`).
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.context.secret_values import LONGEST, is_password, is_plain, is_random, is_stand_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEYWORDS: Final = ("passw", "passphrase", "pwd", "secret", "token", "key", "credential", "auth")
"""In lower case; one of them is in every name that counts."""

_LONGEST_NAME: Final = 80
_NAME_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.$")
_REST_OF_NAME: Final = re.compile(r"[A-Za-z0-9_-]{0,40}")
_AFTERWORD: Final = (
    r"(?:value|string|str|text|plain|default|dev|devel|development|prod|production|stage|staging|live|main|primary|"
    r"secondary|current|old|new|raw|base64|b64|hex|bytes|data|s|\d+)?$"
)
"""What may stand behind the word in a name that still names the secret itself, not its length or its file."""
_PASSWORD_NAME: Final = re.compile(rf"(?:password|passwd|passw|passphrase|passwort|pwd){_AFTERWORD}")
_SECRET_NAME: Final = re.compile(rf"(?:secret|secretkey|clientsecret){_AFTERWORD}")
_RANDOM_NAME: Final = re.compile(
    rf"(?:token|credentials?|authorization|(?:^|_)auth|(?:api|access|auth|private|sign|signing|encrypt|encryption|"
    rf"encrypted|master|account|service|client|license|licence|deploy|crypt|crypto|hmac|shared|admin|app|application|"
    rf"session|secret|storage|subscription|function|server|write|ssh|wallet|cookie|jwt|salt|dev|developer|consumer|"
    rf"ingest|sas|preshared|psk|security|token|user|bot|webhook|cipher|aes|rsa|dsa|ed25519|ssl|tls|openai|anthropic|"
    rf"gemini|google|aws|azure|github|gitlab|slack|stripe|twilio|sendgrid|mailgun|datadog|algolia|maps)key){_AFTERWORD}"
)
_NOT_SECRET: Final = re.compile(
    r"public|pubkey|sort|cache|primary_?key|foreign|partition|hash|checksum|digest|integrity"
)

_QUOTED: Final = (
    r"(?:[rRbBuUfFlL@]{0,2})"
    rf"(?:(?P<q>[\"'`])(?P<v>(?:\\.|(?!(?P=q))[^\\\r\n]){{1,{LONGEST}}}?)(?:(?P=q)|(?=[\r\n]|\Z))"
    rf"|\\(?P<q2>[\"'])(?P<v2>[^\\\"'\r\n]{{1,{LONGEST}}})\\(?P=q2))"
)
_WRAPPED: Final = (
    r"(?:(?:new[ \t]+)?(?:String|SecretStr|SecretString|SecretBytes|SecureString|Some|Buffer|[Bb]ytes|str)"
    r"(?:(?:::|\.)(?:from|new|of|valueOf))?\([ \t]*)?"
)
_BEHIND_NAME: Final = re.compile(
    r"(?P<close>\\?[\"'`]?\]?(?:\[\d*\])?\\?[\"'`]?)(?P<blanks>[ \t]*)"
    r"(?:"
    r"(?P<pair>\\?[\"'`]?[ \t]*,?[ \t]*\\?[\"']?(?:value|content|default)\\?[\"']?[ \t]*[=:][ \t]*)"
    r"|(?P<typed>:[ \t]*[\w&*<>\[\]?.|' ]{1,40}?(?<![=!<>])=(?![=>])[ \t]*)"
    r"|(?P<sign>:=|=>|[=!]={1,2}|\|\|=?|\?\?=?|[:?]?=|:(?!:)|,|\()[ \t]*"
    r"|(?P<element>>)"
    r"|(?P<apart>(?<=[ \t]))"
    r")"
)
_VALUE: Final = re.compile(_WRAPPED + _QUOTED)
_PLAIN_VALUE: Final = re.compile(rf"[^\s\"'`]{{1,{LONGEST}}}")
_ELEMENT_VALUE: Final = re.compile(rf"([^<>\r\n]{{1,{LONGEST}}})</")
_PARAMETER_VALUE: Final = re.compile(rf"[^\s\"'`<>;&,)]{{1,{LONGEST}}}")
_CONNECTION_VALUE: Final = re.compile(rf"[^\s\"'`;]{{1,{LONGEST}}}")
_OPENS: Final = re.compile(r"[ \t]*[(\[{|>]?[ \t]*\\?(?=[\r\n]|\Z)")
_LINE_IS_PLAIN: Final = re.compile(
    r"[ \t]*(?:-[ \t]+)?(?:(?:export|set|setx|ENV|ARG|declare -x|local|readonly)[ \t]+)?[\"']?(?://\S*:)?$"
)
_NAMED: Final = re.compile(r"name[\"']?[ \t]*[:=][ \t]*[\"']?$", re.IGNORECASE)
_END_OF_PLAIN: Final = re.compile(r"[ \t]*(?:\\?[ \t]*|[ \t]#[^\r\n]*)(?=[\r\n]|\Z)")
_CALL: Final = re.compile(r"\w[.\w]*\(|^\w+\[|^self\.|^this\.")
_LIKE_A_NAME: Final = re.compile(r"(?![\w]*(?:pass|pwd|secret|token|key))(?=\w*\d)(?=\w*[A-Za-z])\w+$", re.IGNORECASE)
"""A word with a digit, as a password may be in YAML."""
_COMMAND: Final = re.compile(r"[ \t]*(?:RUN[ \t]+)?(?:ENV|ARG|setx|set)[ \t]")
NEXT_VALUE: Final = re.compile(
    rf"[ \t]*(?:-[ \t]+)?(?:\\?[\"']?value\\?[\"']?[ \t]*[:=][ \t]*)?{_QUOTED}", re.IGNORECASE
)
NEXT_PLAIN_VALUE: Final = re.compile(rf"[ \t]*value[ \t]*[:=][ \t]*([^\s\"'`]{{1,{LONGEST}}})[ \t]*(?=[\r\n]|\Z)")

_LOGIN: Final = re.compile(r"://[^\s:@/\"'`<>\\]{0,80}:([^\s@/\"'`<>\\]{3,200})@(?=[\w\[.-])")
_BEARER: Final = re.compile(r"(?:[Bb]earer|[Tt]oken)[ \t]+([\w.~+/=-]{16,4096})")
_BASIC: Final = re.compile(r"[Bb]asic[ \t]+([A-Za-z0-9+/]{8,400}={0,2})")
_COMMON_LOGINS: Final = frozenset(
    (
        "pass",
        "passwd",
        "password",
        "pwd",
        "pw",
        "secret",
        "token",
        "pwd",
        "port",
        "passw0rd",
        "p4ssw0rd",
        "test",
        "user",
    )
)

Measure = tuple[str, "Callable[[str], bool]"]
"""The kind of secret that a name announces, and how its value is told."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """A secret by its place in a text."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Awaited:
    """A name at the end of its line whose value is to be on the next one."""

    position: int
    kind: str


def _short_random(value: str) -> bool:
    return is_random(value, shortest=10) or (
        is_password(value) and any(not c.isalnum() and c not in "_-./:" for c in value)
    )


MEASURES: Final[dict[str, Callable[[str], bool]]] = {
    "password": is_password,
    "secret": _short_random,
    "token-or-key": is_random,
}


def measure_of(name: str) -> str | None:
    """The kind of secret that a name announces."""
    plain = name.lower()
    if _NOT_SECRET.search(plain):
        return None
    joined = plain.replace("-", "").replace("_", "").replace(".", "")
    if _PASSWORD_NAME.search(joined):
        return "password"
    if _SECRET_NAME.search(joined):
        return "secret"
    if _RANDOM_NAME.search(joined) or plain in ("auth", "_auth"):
        return "token-or-key"
    return None


def assigned_secrets(text: str) -> Iterator[Assigned | Awaited]:
    """Secrets that names, addresses and headers give away, and names whose value may follow on the next line."""
    lowered = text.lower()
    if len(lowered) != len(text):  # Some letters have no lower case of their length.
        lowered = text
    seen = -1
    for start in sorted(_places(lowered)):
        if start < seen:
            continue
        begin = start
        while begin > max(0, start - _LONGEST_NAME) and text[begin - 1] in _NAME_CHARACTERS:
            begin -= 1
        rest = _REST_OF_NAME.match(text, start)
        seen = rest.end() if rest else start
        if (kind := measure_of(text[begin:seen])) is not None:
            yield from _behind(text, begin, seen, kind)
    yield from _addresses(text, lowered)


def _places(lowered: str) -> Iterator[int]:
    for keyword in KEYWORDS:
        at = lowered.find(keyword)
        while at >= 0:
            yield at
            at = lowered.find(keyword, at + len(keyword))


def _behind(text: str, begin: int, end: int, kind: str) -> Iterator[Assigned | Awaited]:
    """The value behind the name in text[begin:end]."""
    behind = _BEHIND_NAME.match(text, end)
    if behind is None:
        if _OPENS.match(text, end) and _NAMED.search(text, max(0, begin - 16), begin):
            yield Awaited(begin, kind)
        return
    at, is_secret = behind.end(), MEASURES[kind]
    value = _VALUE.match(text, at)
    if value and begin and not behind["close"] and text[begin - 1] == text[at] and text[at] in "\"'`":
        return  # The string that the name is in ends behind it.
    if value:
        group = "v" if value["v"] is not None else "v2"
        if is_secret(value[group]):
            yield Assigned(value.start(group), value.end(group), kind)
        return
    if behind["apart"] is None and _OPENS.match(text, at):
        yield Awaited(begin, kind)
        return
    if behind["element"] is not None:
        element = _ELEMENT_VALUE.match(text, at)
        if element and is_secret(element[1].strip()) and not is_stand_in(element[1]):
            yield Assigned(element.start(1), element.end(1), kind)
        return
    yield from _unquoted(text, begin, behind, kind)


def _unquoted(text: str, begin: int, behind: re.Match[str], kind: str) -> Iterator[Assigned]:
    """A value without quotes: in an address or a connection string, on a command line, in a settings file."""
    at, tight = behind.end(), not behind["blanks"] and behind["sign"] == "=" and text[behind.end() - 1] == "="
    before = text[begin - 1] if begin else "\n"
    if tight and before in "?&;\"'":
        value = (_PARAMETER_VALUE if before in "?&" else _CONNECTION_VALUE).match(text, at)
    elif text.startswith("--", begin) and (tight or behind["apart"] is not None):
        value = _PLAIN_VALUE.match(text, at)
    else:
        value = _setting(text, begin, behind, kind, tight=tight)
    if value and MEASURES[kind](value[0]):
        yield Assigned(value.start(), value.end(), kind)


def _setting(text: str, begin: int, behind: re.Match[str], kind: str, *, tight: bool) -> re.Match[str] | None:
    """The value of a name that has its line for itself, if it can be nothing but a value.

    In most languages such a line may just as well give one variable the value of another.
    """
    value = _PLAIN_VALUE.match(text, behind.end())
    line_start = max(text.rfind("\n", 0, begin), text.rfind("\r", 0, begin)) + 1
    before = text[line_start:begin]
    if value is None or not _LINE_IS_PLAIN.match(before) or not _END_OF_PLAIN.match(text, value.end()):
        return None
    if behind["apart"] is not None:
        return value if _COMMAND.match(before) else None
    if behind["sign"] not in ("=", ":") or (behind["sign"] == ":" and text[behind.end() - 1] == ":"):
        return None
    name = text[begin : behind.start()]
    if tight and (not before or before.rstrip() or name.isupper()) and not value[0].endswith((",", ";", ")", "]", "}")):
        return None if _CALL.search(value[0]) else value
    mapped = behind["sign"] == ":" and kind == "password" and _LIKE_A_NAME.match(value[0])
    return value if mapped or is_plain(value[0]) else None


def _addresses(text: str, lowered: str) -> Iterator[Assigned]:
    """What a URL or a header logs in with."""
    if "://" in text:
        for found in _LOGIN.finditer(text):
            value = found[1]
            if value.lower() not in _COMMON_LOGINS and not is_stand_in(value) and not value.startswith("$"):
                yield Assigned(found.start(1), found.end(1), "login-in-url")
    if "bearer" in lowered or "token " in lowered:
        for found in _BEARER.finditer(text):
            if is_random(found[1]):
                yield Assigned(found.start(1), found.end(1), "bearer-token")
    if "basic" in lowered:
        for found in _BASIC.finditer(text):
            if _is_login(found[1]):
                yield Assigned(found.start(1), found.end(1), "basic-login")


def _is_login(value: str) -> bool:
    """Whether a text is a user and a password in Base64."""
    try:
        decoded = b64decode(value, validate=True)
    except (Error, ValueError):
        return False
    return b":" in decoded and decoded.isascii() and all(0x20 <= byte < 0x7F for byte in decoded)
