"""The requests of both kinds of jobs, and what they make of answers; nothing here waits or sends."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endpoints.scripted_http import REQUEST, some_failures
from endpoints.scripted_jobs import (
    COMPLETED,
    DIFF,
    HOST,
    HTTP_REQUEST,
    IN_PROGRESS,
    QUEUED,
    background_endpoint,
    http_endpoint,
)
from spark_lsp.core.prompt import PromptFile, TextPrompt
from spark_lsp.endpoints.events import Units, Usage
from spark_lsp.endpoints.jobs.http_job import HttpJob, job_url
from spark_lsp.endpoints.jobs.openai_background import OpenAiBackground
from spark_lsp.endpoints.jobs.status import LONGEST_ID, JobStatus, in_path, member, usable_id
from spark_lsp.endpoints.request import CompletionRequest, Endpoint

if TYPE_CHECKING:
    from spark_lsp.endpoints.jobs.job import JobKind

BACKGROUND, HTTP = OpenAiBackground(), HttpJob()


def read(kind: JobKind, body: Any, endpoint: Endpoint | None = None) -> JobStatus:
    default = background_endpoint() if kind is BACKGROUND else http_endpoint()
    return kind.read(body, some_failures(endpoint or default))


# What is sent


def test_a_background_response_is_a_response_with_one_more_member() -> None:
    request = BACKGROUND.submission(background_endpoint(extra_body={"service_tier": "flex"}), REQUEST)
    body = json.loads(request.content)
    assert (request.method, request.url) == ("POST", f"{HOST}/v1/responses")
    assert body["background"] is True
    assert body["instructions"] == "Edit."
    assert body["input"] == [{"role": "user", "content": "the secret prompt of the user"}]
    assert body["service_tier"] == "flex"
    assert "stream" not in body
    assert "store" not in body


def test_who_wants_a_response_stored_or_not_says_so() -> None:
    for value in (True, False):
        request = BACKGROUND.submission(background_endpoint(extra_body={"store": value}), REQUEST)
        assert json.loads(request.content)["store"] is value


@pytest.mark.parametrize("base_url", [f"{HOST}/v1", f"{HOST}/v1/", f"{HOST}/v1/responses"])
def test_a_background_response_is_asked_for_and_cancelled_below_its_path(base_url: str) -> None:
    endpoint = background_endpoint(base_url=f"{base_url}?api-version=1")
    poll, cancel = BACKGROUND.poll(endpoint, "resp_1"), BACKGROUND.cancel(endpoint, "resp_1")
    assert (poll.method, poll.url, poll.content) == ("GET", f"{HOST}/v1/responses/resp_1?api-version=1", b"")
    assert cancel is not None
    assert (cancel.method, cancel.url) == ("POST", f"{HOST}/v1/responses/resp_1/cancel?api-version=1")
    assert "content-type" not in poll.headers


def test_a_job_over_http_carries_the_messages_and_the_file() -> None:
    endpoint = replace(http_endpoint(), extra_body={"branch": "main"})
    request = HTTP.submission(endpoint, HTTP_REQUEST)
    assert (request.method, request.url) == ("POST", f"{HOST}/v2/chat/completions/spark")
    assert json.loads(request.content) == {
        "model": "model-1",
        "messages": [
            {"role": "system", "content": "Edit."},
            {"role": "user", "content": "the secret prompt of the user"},
        ],
        "repository_context": {
            "files": [
                {"path": "src/a.py", "sha256": hashlib.sha256(b"x = 1\n").hexdigest(), "content": "x = 1\n"},
            ]
        },
        "branch": "main",
    }


def test_a_text_to_be_continued_is_a_message_and_a_lone_surrogate_no_obstacle() -> None:
    prompt = TextPrompt("x = ", files=(PromptFile("a.py", "\ud800"),))
    body = json.loads(HTTP.submission(http_endpoint(context_field="files"), CompletionRequest(prompt, 10)).content)
    assert body["messages"] == [{"role": "user", "content": "x = "}]
    assert body["files"]["files"][0]["content"] == "?"
    assert body["files"]["files"][0]["sha256"] == hashlib.sha256(b"?").hexdigest()


@pytest.mark.parametrize(
    ("base_url", "path", "url"),
    [
        (f"{HOST}/v1", "/v2/x", f"{HOST}/v2/x"),
        (f"{HOST}/v1", "x/y", f"{HOST}/v1/x/y"),
        (f"{HOST}/v1/", "x", f"{HOST}/v1/x"),
        (HOST, "x", f"{HOST}/x"),
        (f"{HOST}/v1?key=1", "/x?id=2", f"{HOST}/x?key=1&id=2"),
        (f"{HOST}/v1", "//elsewhere.example/x", f"{HOST}//elsewhere.example/x"),
        (f"{HOST}/v1", "http://elsewhere.example/x", f"{HOST}/v1/http://elsewhere.example/x"),
    ],
)
def test_a_path_stands_behind_the_host_or_the_base(base_url: str, path: str, url: str) -> None:
    assert job_url(base_url, path) == url


@pytest.mark.parametrize(
    ("job_id", "segment"),
    [
        ("job-1", "job-1"),
        ("a/../../b?c#d", "a%2F..%2F..%2Fb%3Fc%23d"),
        ("{job_id}%2F", "%7Bjob_id%7D%252F"),
        ("é @", "%C3%A9%20%40"),
    ],
)
def test_an_id_is_one_segment_of_the_path_whatever_is_in_it(job_id: str, segment: str) -> None:
    assert usable_id(job_id) == job_id
    endpoint = http_endpoint(poll_path="/jobs/{job_id}/status")
    assert HTTP.poll(endpoint, job_id).url == f"{HOST}/jobs/{segment}/status"
    assert BACKGROUND.poll(background_endpoint(), job_id).url == f"{HOST}/v1/responses/{segment}"
    cancel = HTTP.cancel(endpoint, job_id)
    assert cancel is not None
    assert cancel.url == f"{HOST}/v2/jobs/{segment}/cancel"


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        ".",
        "..",
        "a\nb",
        "a\x00",
        "\u202e",
        "\ud800",
        "x" * (LONGEST_ID + 1),
        None,
        True,
        1.5,
        -1,
        10**40,
        [],
        {},
    ],
)
def test_absurd_ids_are_refused(value: Any) -> None:
    assert usable_id(value) is None


def test_a_number_is_an_id() -> None:
    assert usable_id(17) == "17"
    assert in_path("17") == "17"


# What comes back


@pytest.mark.parametrize(
    ("body", "state"),
    [
        (QUEUED, "queued"),
        (IN_PROGRESS, "running"),
        (COMPLETED, "succeeded"),
        ({"status": "failed"}, "failed"),
        ({"status": "cancelled"}, "cancelled"),
        ({"status": "Completed"}, "unknown"),
        ({}, "unknown"),
        ([], "unknown"),
        (None, "unknown"),
    ],
)
def test_the_state_of_a_background_response(body: Any, state: str) -> None:
    assert read(BACKGROUND, body).state == state


def test_the_result_of_a_background_response() -> None:
    status = read(BACKGROUND, COMPLETED)
    assert (status.result, status.reason, status.usage) == (DIFF, "stop", Usage(22, 20, 18))
    assert read(BACKGROUND, {**COMPLETED, "output": None}).result is None


@pytest.mark.parametrize(
    ("details", "reason"),
    [({"reason": "max_output_tokens"}, "length"), ({"reason": "content_filter"}, "filter"), (None, "other")],
)
def test_a_response_that_is_incomplete_says_why(details: Any, reason: str) -> None:
    status = read(BACKGROUND, {**COMPLETED, "status": "incomplete", "incomplete_details": details})
    assert (status.state, status.result, status.reason) == ("succeeded", DIFF, reason)


def test_a_refusal_is_no_result_to_apply() -> None:
    output = [{"type": "message", "content": [{"type": "refusal", "refusal": "No."}]}]
    assert read(BACKGROUND, {**COMPLETED, "output": output}).reason == "filter"


def test_a_failure_has_the_servers_words() -> None:
    status = read(BACKGROUND, {"status": "failed", "error": {"code": "server_error", "message": "oops"}})
    assert (status.error, status.error_code) == ("oops", "server_error")
    assert read(HTTP, {"status": "failed", "error": {"message": "oops"}}).error == "oops"


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("queued", "queued"),
        ("PENDING", "queued"),
        ("in_progress", "running"),
        ("done", "succeeded"),
        ("canceled", "cancelled"),
        ("timed_out", "failed"),
        ("baked", "succeeded"),
        ("Error", "running"),
        ("baking", "unknown"),
        (7, "unknown"),
        ([], "unknown"),
    ],
)
def test_the_state_of_a_job_over_http_is_the_settings_and_else_the_usual(said: Any, state: str) -> None:
    endpoint = http_endpoint(status_map={"baked": "succeeded", "Error": "running"}, status_field="job.state")
    assert read(HTTP, {"job": {"state": said}}, endpoint).state == state


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ({"job_id": "1"}, "queued"),
        ({"result": {"diff": ""}}, "succeeded"),
        ({"job_id": "1", "status": None, "result": {"diff": "x"}}, "succeeded"),
        ({"job_id": ".."}, "unknown"),
    ],
)
def test_a_state_that_is_not_said_follows_from_the_rest(body: Any, state: str) -> None:
    assert read(HTTP, body).state == state


def test_a_result_may_stand_anywhere() -> None:
    endpoint = http_endpoint(result_field="choices.0.message.content", id_field="data.id")
    status = read(HTTP, {"data": {"id": 7}, "status": "done", "choices": [{"message": {"content": DIFF}}]}, endpoint)
    assert (status.job_id, status.result) == ("7", DIFF)
    assert member({"a": [1]}, "a.1") is None
    assert member({"a": [1]}, "a.²") is None


@pytest.mark.parametrize(
    ("value", "units"),
    [
        (1.5, Units("SAU", 1.5)),
        (0, Units("SAU", 0.0)),
        (-1, None),
        (True, None),
        ("2", None),
        (10**400, None),
        (float("inf"), None),
        (float("nan"), None),
        (None, None),
    ],
)
def test_units_are_a_number_and_nothing_else(value: Any, units: Units | None) -> None:
    assert read(HTTP, {"status": "done", "usage": {"sau": value}}).units == units


def test_units_are_not_looked_for_unless_it_is_said_where() -> None:
    endpoint = http_endpoint()
    endpoint = replace(endpoint, jobs=replace(endpoint.jobs, unit_field=None))
    assert read(HTTP, {"status": "done", "usage": {"sau": 1}}, endpoint).units is None


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 4}, Usage(3, 0, 4)),
        ({"input_tokens": 3, "output_tokens": 4}, Usage(3, 0, 4)),
        ({"prompt_tokens": "3"}, Usage(0, 0, 0)),
        ({"sau": 1}, None),
        ([], None),
    ],
)
def test_tokens_are_counted_where_the_server_counts_them(usage: Any, counted: Usage | None) -> None:
    assert read(HTTP, {"status": "done", "usage": usage}).usage == counted


_NAMES = (
    *("id", "job_id", "status", "output", "result", "diff", "error", "message", "code", "usage", "sau", "type"),
    *("content", "text", "incomplete_details", "reason", "input_tokens", "input_tokens_details"),
)
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["completed", "done", "message"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(_NAMES),
            inner,
        )
    ),
    max_leaves=30,
)


@given(_VALUES, st.sampled_from([BACKGROUND, HTTP]))
def test_any_json_is_a_status(body: Any, kind: JobKind) -> None:
    status = read(kind, body)
    assert status.is_over == (status.state in ("succeeded", "failed", "cancelled"))
    assert status.result is None or isinstance(status.result, str)
    assert status.job_id is None or usable_id(status.job_id) == status.job_id
    assert len(status.word) <= 40


def test_nothing_of_the_result_is_in_a_repr() -> None:
    assert "x = 1" not in repr(read(BACKGROUND, COMPLETED))
