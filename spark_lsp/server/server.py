"""The language server: the session of one client and the wiring of what happens to it."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.io_ import StdoutWriter, run_async
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from spark_lsp import __version__
from spark_lsp.endpoints.catalog import ROUTES, EndpointCatalog
from spark_lsp.endpoints.choice import Absent
from spark_lsp.endpoints.model_client import ModelClient
from spark_lsp.endpoints.offers import offers
from spark_lsp.endpoints.transport import EndpointClient
from spark_lsp.features import review
from spark_lsp.features.bookkeeping import Bookkeeping
from spark_lsp.features.inline import InlineSuggestions
from spark_lsp.features.next_edit import NextEdits
from spark_lsp.features.services import Services
from spark_lsp.features.status import Activity
from spark_lsp.features.undeclared import UndeclaredPackages
from spark_lsp.ledger.refusals import Refusals
from spark_lsp.repo.exclude import Exclusions
from spark_lsp.server import contract, wire
from spark_lsp.server.client import Client
from spark_lsp.server.editor import LspEditor
from spark_lsp.server.garbage import Garbage
from spark_lsp.server.hints import publisher
from spark_lsp.server.indexing import Indexing
from spark_lsp.server.protocol import SparkProtocol, converter
from spark_lsp.server.stdin import StdinReader
from spark_lsp.session import Session
from spark_lsp.settings.files import file_layers
from spark_lsp.settings.layers import Layer, Source, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spark_lsp.core.text import Text
    from spark_lsp.endpoints.catalog import Route

logger = logging.getLogger(__name__)

SECONDS_BEFORE_A_PARSE = 0.015
"""After a key: what it is asked for, ghost text above all, comes first."""
WIND_UP_SECONDS = 2.0
"""How long a shutdown waits for edits to take back what they applied."""


class SparkServer(LanguageServer):
    """Everything that belongs to one client. The handlers in `handlers` are its methods' callers.

    Without a `ledger_folder` what requests cost is only counted.
    """

    protocol: SparkProtocol

    def __init__(
        self,
        endpoints: EndpointClient | None = None,
        environment: Mapping[str, str] | None = None,
        ledger_folder: Path | None = None,
    ) -> None:
        super().__init__("spark-lsp", __version__, protocol_cls=SparkProtocol, converter_factory=converter)
        self.session = Session()
        self.editor = LspEditor(self)
        self.endpoints = endpoints or EndpointClient()
        self.environment = os.environ if environment is None else environment
        self.catalog = EndpointCatalog(self.environment)
        self.book = Bookkeeping(self.session, ledger_folder)
        self.indexing = Indexing(self)
        self.services = Services(
            self.session,
            self.editor,
            ModelClient(self.endpoints, self.book, self.tell_status),
            Activity(self.tell_status),
            self.catalog,
            self.book,
            context_of=self.indexing.context_of,
            settle_text=self.indexing.settle_text,
        )
        refusals = Refusals(ledger_folder)
        self.inline = InlineSuggestions(self.services, refusals)
        self.next_edits = NextEdits(self.services, refusals)
        self.shows_next_edits = False
        """A plug-in asks for next edits: no lens is needed."""
        self.editor.text_of = self._text_of
        self.packages = UndeclaredPackages(self.session, publisher(self))
        self.garbage = Garbage()
        self._stopped = threading.Event()
        self._parsing: dict[str, asyncio.Task[None]] = {}
        self._options: object = None
        self._configuration: object = None
        self._problems_told: set[str] = set()
        self._status_told: dict[str, Any] | None = None
        self._client_is_ready = False

    @property
    def client(self) -> Client:
        return self.editor.client

    # Documents: called by the protocol, in order, while nothing else runs.

    def did_open(self, uri: str, language_id: str, version: int, text: str) -> None:
        self.packages.closed(uri)
        self.session.open(uri, language_id, version, text)
        self.next_edits.opened(uri)
        self.packages.changed(uri)
        self.indexing.text_changed(uri)
        self._parse_soon(uri, 0)

    def did_change(self, uri: str, version: int, changes: Sequence[types.TextDocumentContentChangeEvent]) -> None:
        document = self.session.documents.get(uri)
        if document is None:
            logger.warning("The client changed a document that is not open.")
            return
        encoding = self.client.encoding
        document.change((wire.to_edit(document.text, change, encoding) for change in changes), version)
        self.inline.changed(uri)
        self.next_edits.changed(uri)
        self.packages.changed(uri)
        self.indexing.text_changed(uri)
        self._parse_soon(uri)

    def did_close(self, uri: str) -> None:
        self.session.close(uri)
        self.inline.closed(uri)
        self.next_edits.closed(uri)
        self.packages.closed(uri)
        self.indexing.closed(uri)
        if parsing := self._parsing.pop(uri, None):
            parsing.cancel()

    def _text_of(self, uri: str) -> Text | None:
        document = self.session.documents.get(uri)
        return document.text if document is not None else None

    def _parse_soon(self, uri: str, seconds: float = SECONDS_BEFORE_A_PARSE) -> None:
        """Have the syntax tree, and what is read from it, catch up between the keystrokes."""

        async def parse() -> None:
            await asyncio.sleep(seconds)
            await self.indexing.read(uri)

        running = self._parsing.get(uri)
        if running is None or running.done():
            self._parsing[uri] = asyncio.get_running_loop().create_task(parse())

    # Settings: every layer may come at its own time.

    def initialize(self, params: types.InitializeParams) -> None:
        self.editor.client = Client.of(params)
        folders = [folder.uri for folder in params.workspace_folders or []]
        self.set_folders(folders or ([params.root_uri] if params.root_uri else []))
        self._options = params.initialization_options
        self.read_settings()

    def set_folders(self, uris: Sequence[str]) -> None:
        paths = (to_fs_path(uri) for uri in uris)
        self.session.workspace_folders = [path for path in paths if path]

    async def pull_configuration(self) -> None:
        """Ask the client for its settings, where it has any, and read all of them anew."""
        try:
            if self.client.configuration:
                items = [types.ConfigurationItem(section="spark")]
                answer = await self.workspace_configuration_async(types.ConfigurationParams(items))
                self.push_configuration(answer[0] if answer else None)
        finally:
            self.editor.has_configuration.set()

    def push_configuration(self, configuration: object) -> None:
        self._configuration = configuration
        self.read_settings()

    def read_settings(self) -> None:
        """Put the settings in force together; what is wrong with them is told once."""
        folders = self.session.workspace_folders
        layers = file_layers(Path(folders[0]) if folders else None, self.environment)
        layers.append(Layer(Source.INITIALIZATION_OPTIONS, self._options, "initializationOptions"))
        layers.append(Layer(Source.WORKSPACE_CONFIGURATION, self._configuration, "workspace/configuration"))
        resolved = resolve(layers)
        self.session.settings = resolved.settings
        self.services.activity.forget_failure()
        self.services.models.forget()
        if "log.level" in resolved.sources:
            logging.getLogger("spark_lsp").setLevel(resolved.settings.log.level.upper())
        problems = [*resolved.problems, *Exclusions.of(resolved.settings.privacy.exclude)[1]]
        for problem in problems:
            logger.warning("settings: %s", problem)
        news = [problem for problem in map(str, problems) if problem not in self._problems_told]
        self._problems_told.update(news)
        if news:
            message = f"Spark settings: {news[0]}" + (f" (and {len(news) - 1} more, see the log)" if news[1:] else "")
            self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, message))
        self.tell_status()

    def client_is_ready(self) -> None:
        """The client has taken note of the answer to `initialize`; before that it must not be told anything."""
        self._client_is_ready = True
        self.tell_status()

    async def get_ready(self) -> None:
        """Read the client's settings, and do what the first request would wait for: connect. Nothing is sent."""
        await self.pull_configuration()
        self.indexing.settle()
        await self.connect()

    async def connect(self) -> None:
        """Find out who is to be asked, and open the connections. Nothing is sent."""
        settings = self.session.settings
        await self.catalog.settle(settings)
        self.tell_status()
        await self.endpoints.warm()
        at_hand = [self.catalog.at_hand(route, settings) for route in ROUTES]
        by_place = {(endpoint.base_url, endpoint.wire): endpoint for endpoint in at_hand if endpoint is not None}
        await asyncio.gather(*map(self.endpoints.warm, by_place.values()))

    async def switch_endpoint(self, name: str, route: Route | None) -> dict[str, Any]:
        """Use an endpoint for the rest of this session; give the status, or what is wrong with the name."""
        await self.editor.configured()
        settings = self.session.settings
        if problem := self.catalog.use(name, route, settings):
            return {**self.status(), "state": "error", "message": problem}
        self.services.activity.forget_failure()
        await self.catalog.settle(settings)
        self.editor.in_background(self.connect())
        return self.status()

    async def offered_endpoints(self) -> list[dict[str, Any]]:
        """What the session can be switched to."""
        await self.editor.configured()
        return [contract.from_offer(offer) for offer in offers(self.catalog, self.session.settings)]

    # Its life: pygls' own ways to serve end the process from within, and wait at the end for who will not come.

    def serve_stdio(self) -> int:
        """Serve the client at the other end of stdin and stdout; give the status for the process to end with."""

        async def serve() -> None:
            await self._serve(StdinReader(sys.stdin.buffer), StdoutWriter(sys.stdout.buffer))

        with suppress(BrokenPipeError):
            asyncio.run(serve())
        return self._exit_status

    def serve_tcp(self, host: str, port: int) -> int:
        """Serve the first client that connects, then as `serve_stdio`. Raises OSError if the port is not to be had."""

        async def listen() -> None:
            async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                listener.close()
                try:
                    await self._serve(reader, writer)
                finally:
                    writer.close()
                    served.set()

            served = asyncio.Event()
            listener = await asyncio.start_server(connected, host, port)
            await served.wait()

        asyncio.run(listen())
        return self._exit_status

    async def _serve(self, reader: Any, writer: Any) -> None:
        self.protocol.set_writer(writer)
        self.garbage.begin()
        try:
            await run_async(self._stopped, reader, self.protocol, error_handler=self.report_server_error)
        finally:
            self.packages.stop()
            for uri in tuple(self.session.documents):
                self.did_close(uri)
            await self.indexing.aclose()
            await self.endpoints.aclose()
            await asyncio.to_thread(self.inline.verdicts.save)
            await asyncio.to_thread(self.book.close)
            self.garbage.end()

    @property
    def _exit_status(self) -> int:
        return 0 if self.protocol.was_shut_down else 1

    def stop(self) -> None:
        self._stopped.set()

    async def wind_up(self) -> None:
        """Before a shutdown is answered: cancel what runs and give it a moment to take back what it applied."""
        review.cancel(self.services, None)
        self.inline.stop()
        await self.protocol.settle(WIND_UP_SECONDS)

    # Status

    def status(self) -> dict[str, Any]:
        settings = self.session.settings
        choice = self.catalog.choice("edit", settings)
        if isinstance(choice, Absent):
            status = self.services.activity.status(choice.sentence)
        else:
            endpoint = (choice.name, choice.settings.model or "")
            limited = self.services.models.limited(choice.settings.base_url or "", choice.settings.model or "")
            status = self.services.activity.status(endpoint, problem=choice.problem, limited=limited, why=choice.why)
        spent = self.book.spent_today()
        return contract.from_status(status, self.catalog.routes(settings), spent or None)

    async def settled_status(self) -> dict[str, Any]:
        """The status once it is known who answers, should that have to be found out first, and who else could."""
        settings = self.session.settings
        await self.catalog.settle(settings)
        return {**self.status(), "endpoints": self.catalog.names(settings)}

    def tell_status(self) -> None:
        """Send the status to a client that wants to know, if it is not what it was told last."""
        if self._client_is_ready and self.client.spark_status and (status := self.status()) != self._status_told:
            self._status_told = status
            self.protocol.notify("spark/status", status)

    def report_server_error(self, error: Exception, source: Any) -> None:  # noqa: ARG002
        """Log the kind of an error and nothing of what it was about: that may be the user's code."""
        logger.error("A message could not be handled: %s", type(error).__name__)
