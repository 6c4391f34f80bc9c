"""Model servers on this machine: where they would be, and whether one answers there.

Only loopback is ever asked, directly, and with nothing but GET requests that hold nothing of the user's. Whatever
listens on such a port may be something else altogether: an answer counts only if it is a list of models. What the
lists look like was seen in Ollama's docs/api.md (`/api/tags`, with `remote_host` for models that run elsewhere) and in
the servers of llama.cpp (`/v1/models`, `/props`), vLLM (`max_model_len`) and LM Studio.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

logger = logging.getLogger(__name__)

ADDRESSES_VARIABLE: Final = "SPARK_LSP_LOCAL_SERVERS"
"""Says where to look instead, as in "ollama=127.0.0.1:11434 vllm=127.0.0.1:9000"; set and empty, nowhere."""

SECONDS: Final = 0.2
"""How long all of the servers together have for their answers."""

_DEFAULT_PORTS: Final = {"ollama": 11434, "llama.cpp": 8080, "vllm": 8000, "lmstudio": 1234}
_LARGEST_ANSWER: Final = 256 * 1024
_LONGEST_NAME: Final = 200
_OWNERS: Final = {"llamacpp": "llama.cpp", "vllm": "vllm", "library": "ollama", "organization_owner": "lmstudio"}
"""Who the servers say that their models are owned by."""
_NO_TEXT: Final = re.compile(r"embed|minilm|\bbge\b|rerank|whisper", re.IGNORECASE)
"""In the names of models that do not write."""


@dataclass(frozen=True, slots=True)
class Address:
    """A port of this machine where a server of that kind, the name of a preset, would be."""

    kind: str
    host: str
    port: int

    @property
    def place(self) -> str:
        """Host and port as they stand in a URL."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server that answered."""

    address: Address
    kind: str
    """What it is by its own words, which may be another than looked for."""
    model: str | None
    """The model to use; None if it has none that writes."""
    context_tokens: int | None = None
    """What the model takes in, where the server says so."""
    wire: str | None = None
    """How to speak to it, where that is another way than its kind has."""


def local_addresses(environment: Mapping[str, str]) -> tuple[Address, ...]:
    """Where to look for servers, in the order in which they are preferred."""
    named = environment.get(ADDRESSES_VARIABLE)
    if named is not None:
        found = [_named_address(entry) for entry in re.split(r"[\s,]+", named) if entry]
        return tuple(address for address in found if address is not None)
    addresses = [Address(kind, "127.0.0.1", port) for kind, port in _DEFAULT_PORTS.items()]
    if host := environment.get("OLLAMA_HOST", "").strip():
        ollama = _ollama_address(host)
        addresses[:1] = [] if ollama is None else [ollama]
    return tuple(addresses)


def loopback_address(kind: str, url: str) -> Address | None:
    """The address of a base URL; None if it is not on this machine or not plain HTTP."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 80
    except ValueError:
        return None
    return Address(kind, host, port) if parts.scheme == "http" and _is_loopback(host) else None


def _named_address(entry: str) -> Address | None:
    kind, _, place = entry.partition("=")
    address = loopback_address(kind, f"http://{place}") if kind in _DEFAULT_PORTS else None
    if address is None:
        logger.warning(
            "%s: %r is left out: expected one of %s, “=” and a host and port of this machine.",
            *(ADDRESSES_VARIABLE, entry, ", ".join(_DEFAULT_PORTS)),
        )
    return address


def _ollama_address(host: str) -> Address | None:
    """Read OLLAMA_HOST as Ollama's own client does (envconfig/config.go): scheme and port may be left out."""
    scheme, separator, rest = host.rpartition("://")
    try:
        parts = urlsplit(f"//{rest}")
        name, port = parts.hostname or "127.0.0.1", parts.port
    except ValueError:
        return None
    if port is None:
        port = {"http": 80, "https": 443}.get(scheme, 11434) if separator else 11434
    if name in ("0.0.0.0", "::"):  # noqa: S104 (where it listens; it is spoken to on loopback)
        name = "127.0.0.1"
    return Address("ollama", name, port) if scheme != "https" and _is_loopback(name) else None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def find_local_servers(addresses: Iterable[Address]) -> list[LocalServer]:
    """Ask all of these addresses at once; give the servers that answered in time, in the order of the addresses.

    Never raises.
    """
    asked = tuple(addresses)
    if not asked:
        return []
    # In a thread, since the first one in a process takes as long as a frame.
    async with await asyncio.to_thread(_client) as client:
        tasks = [asyncio.create_task(_ask(client, address)) for address in asked]
        try:
            await asyncio.wait(tasks, timeout=SECONDS)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
    found = [task.result() for task in tasks if not task.cancelled() and task.exception() is None]
    return [server for server in found if server is not None]


def _client() -> httpx.AsyncClient:
    """No certificates are read: there is no TLS on loopback. No proxy, no netrc, no redirects."""
    return httpx.AsyncClient(verify=False, trust_env=False, follow_redirects=False)  # noqa: S501


async def _ask(client: httpx.AsyncClient, address: Address) -> LocalServer | None:
    if address.kind == "ollama" and (models := _tagged(await _get(client, address, "/api/tags"))) is not None:
        return LocalServer(address, "ollama", _best(models, prefer="code"))
    listed = _listed(await _get(client, address, "/v1/models"))
    if listed is None:
        return None
    owner = next((str(model.get("owned_by")) for model in listed), "")
    kind = _OWNERS.get(owner, address.kind)
    model = _best([str(model["id"]) for model in listed], prefer="code" if kind == "ollama" else "")
    context = next((_context_tokens(entry) for entry in listed if entry["id"] == model), None)
    if kind == "llama.cpp":
        # What the model was trained for says little about what the server gives each of its requests. If there is no
        # time left to ask for that (which cancels this task), it has to do.
        with suppress(asyncio.CancelledError):
            context = _slot_context(await _get(client, address, "/props")) or context
    return LocalServer(address, kind, model, context, "chat" if kind == "ollama" else None)


async def _get(client: httpx.AsyncClient, address: Address, path: str) -> Any:
    """The JSON that a GET gives; None for anything else."""
    body = bytearray()
    try:
        headers = {"accept": "application/json", "accept-encoding": "identity"}
        async with client.stream("GET", f"http://{address.place}{path}", headers=headers) as response:
            if response.status_code != httpx.codes.OK:
                return None
            async for data in response.aiter_raw():
                body += data
                if len(body) > _LARGEST_ANSWER:
                    return None
        return json.loads(body)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, RecursionError):
        return None


def _tagged(answer: Any) -> list[str] | None:
    """The models in an answer of Ollama's to `/api/tags` that run on this machine; None if it is no such answer."""
    models = answer.get("models") if isinstance(answer, dict) else None
    if not isinstance(models, list) or not all(isinstance(model, dict) for model in models):
        return None
    names = [(model.get("name") or model.get("model"), model) for model in models]
    if not all(isinstance(name, str) for name, _ in names):
        return None
    return [name for name, model in names if not model.get("remote_host") and not _is_embedding(model)]


def _is_embedding(model: dict[str, Any]) -> bool:
    details = model.get("details")
    return isinstance(details, dict) and "bert" in str(details.get("family"))


def _listed(answer: Any) -> list[dict[str, Any]] | None:
    """The entries in an answer to `/v1/models`; None if it is no such answer."""
    entries = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(entries, list) or not all(
        isinstance(entry, dict) and isinstance(entry.get("id"), str) for entry in entries
    ):
        return None
    if answer.get("object") == "list":
        return entries
    return entries if entries and all(entry.get("object") == "model" for entry in entries) else None


def _best(names: list[str], *, prefer: str) -> str | None:
    """The first model that writes, and of those one with `prefer` in its name if there is any.

    What Ollama calls a cloud model is sent on to its makers: that is nothing to be taken for local.
    """
    usable = [
        name
        for name in names
        if 0 < len(name) <= _LONGEST_NAME
        and name.isprintable()
        and not _NO_TEXT.search(name)
        and not name.endswith(("-cloud", ":cloud"))
    ]
    return next((name for name in usable if prefer in name.lower()), usable[0] if usable else None)


def _context_tokens(entry: dict[str, Any]) -> int | None:
    meta = entry.get("meta")
    trained = meta.get("n_ctx") or meta.get("n_ctx_train") if isinstance(meta, dict) else None
    return _count(entry.get("max_model_len")) or _count(trained)


def _slot_context(props: Any) -> int | None:
    settings = props.get("default_generation_settings") if isinstance(props, dict) else None
    return _count(settings.get("n_ctx")) if isinstance(settings, dict) else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**8 else None
