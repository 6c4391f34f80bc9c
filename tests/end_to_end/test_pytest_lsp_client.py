"""The client of pytest-lsp with the abilities of real editors: its checks of the specification must be silent."""

from __future__ import annotations

import asyncio
import sys
import warnings
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import converters, types
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

from support.editor_document import Batch, EditorDocument
from support.sample_code import sample_edit
from support.server_process import DEADLINE, environment_in
from support.stepwise_endpoint import Say, StepwiseEndpoint, settings_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.asyncio

SAMPLE = sample_edit(range(10, 20), frozenset({11, 13, 18}))
CONVERTER = converters.get_converter()
CLIENTS = {"neovim@v0.11.0": ("Neovim", "utf-8"), "visual_studio_code@v1.65.2": ("Visual Studio Code", "utf-16")}


@asynccontextmanager
async def started(folder: Path) -> AsyncIterator[LanguageClient]:
    client = make_test_lsp_client()
    command = (sys.executable, "-m", "spark_lsp", "--stdio")
    await client.start_io(*command, env=environment_in(folder), cwd=folder)
    assert client._server is not None
    try:
        async with asyncio.timeout(3 * DEADLINE):
            yield client
            await client.shutdown_session()
    finally:
        if client._server.returncode is None:
            client._server.kill()
        await client.stop()  # type: ignore[no-untyped-call]


def register(client: LanguageClient, document: EditorDocument) -> None:
    """What these editors do besides what pytest-lsp does for every one."""

    def apply_edit(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        answers: list[bool] = []
        document.take(Batch.of(CONVERTER.unstructure(params)), answers.append)
        return types.ApplyWorkspaceEditResult(applied=answers[0])

    def register_capability(params: types.RegistrationParams) -> None:
        assert params.registrations

    def refresh_lenses(params: None) -> None:
        assert client.capabilities is not None
        assert client.capabilities.workspace is not None
        assert client.capabilities.workspace.code_lens is not None

    client.feature(types.WORKSPACE_APPLY_EDIT)(apply_edit)
    client.feature(types.CLIENT_REGISTER_CAPABILITY)(register_capability)
    client.feature(types.WORKSPACE_CODE_LENS_REFRESH)(refresh_lenses)


@pytest.mark.parametrize("spec", CLIENTS)
async def test_an_edit_by_a_real_editor_s_abilities(tmp_path: Path, spec: str) -> None:
    name, encoding = CLIENTS[spec]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        async with StepwiseEndpoint({"": [Say(SAMPLE.reply)]}) as endpoint, started(tmp_path) as client:
            document = EditorDocument(
                (tmp_path / "code.py").as_uri(),
                SAMPLE.text,
                encoding,
                lambda method, params: notify(client, method, params),
            )
            register(client, document)
            client.set_configuration({"spark": settings_for(endpoint.base_url)})
            answer = await client.initialize_session(
                types.InitializeParams(
                    client_capabilities(spec),
                    client_info=types.ClientInfo(name),
                    root_uri=tmp_path.as_uri(),
                    workspace_folders=[types.WorkspaceFolder(tmp_path.as_uri(), "folder")],
                )
            )
            assert answer.capabilities.position_encoding == encoding
            client.text_document_did_open(
                types.DidOpenTextDocumentParams(types.TextDocumentItem(document.uri, "python", 1, document.text))
            )
            await client.workspace_execute_command_async(types.ExecuteCommandParams("spark.status", [{}]))
            result = await edit(client, document)
            assert result["status"] == "applied", result
            assert document.text == SAMPLE.target
            assert document.problems == []
            assert [batch.version is not None for batch in document.batches] == [True] * len(document.batches)
            await revert_by_lens(client, document)
            assert document.text == SAMPLE.text
            assert await list_actions(client, document)
            assert client.error is None
            assert client.messages == []
    said = [warning for warning in caught if "pytest_lsp" in warning.category.__module__]
    assert not said, [str(warning.message) for warning in said]


def notify(client: LanguageClient, method: str, params: Any) -> None:
    assert method == "textDocument/didChange"
    client.text_document_did_change(CONVERTER.structure(params, types.DidChangeTextDocumentParams))


async def edit(client: LanguageClient, document: EditorDocument) -> Any:
    argument = {
        "textDocument": {"uri": document.uri},
        "range": document.range(*SAMPLE.span),
        "instruction": "Do it.",
    }
    result = await client.workspace_execute_command_async(types.ExecuteCommandParams("spark.edit", [argument]))
    assert isinstance(result, dict)
    document.check_result(result)
    return result


async def revert_by_lens(client: LanguageClient, document: EditorDocument) -> None:
    identifier = types.TextDocumentIdentifier(document.uri)
    lenses = await client.text_document_code_lens_async(types.CodeLensParams(identifier))
    assert lenses
    command = next(lens.command for lens in lenses if lens.command and lens.command.title == "Revert all")
    await client.workspace_execute_command_async(types.ExecuteCommandParams(command.command, command.arguments))


async def list_actions(client: LanguageClient, document: EditorDocument) -> Any:
    span = CONVERTER.structure(document.range(*SAMPLE.span), types.Range)
    return await client.text_document_code_action_async(
        types.CodeActionParams(types.TextDocumentIdentifier(document.uri), span, types.CodeActionContext([]))
    )
