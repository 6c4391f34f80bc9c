"""docs/jobs.md names everything that can be set, and what it shows is what is sent and understood."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from endpoints.scripted_http import some_failures
from endpoints.scripted_jobs import HTTP_REQUEST, http_endpoint
from spark_lsp.endpoints.jobs.http_job import HttpJob
from spark_lsp.settings.endpoint_model import JobSettings
from spark_lsp.settings.kinds import rows
from spark_lsp.settings.layers import parse

PAGE = (Path(__file__).parents[2] / "docs" / "jobs.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```(toml|json)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
SETTINGS = [tomllib.loads(text) for language, text in EXAMPLES if language == "toml"]
MESSAGES = [json.loads(text) for language, text in EXAMPLES if language == "json"]


def test_the_examples_are_settings_without_a_mistake() -> None:
    assert len(SETTINGS) == 3
    for example in SETTINGS:
        settings, problems = parse(example)
        assert problems == []
        assert all(endpoint.wire == "jobs" for endpoint in settings.endpoints.values())


@pytest.mark.parametrize("key", rows(JobSettings))
def test_every_key_has_its_example(key: str) -> None:
    assert key in SETTINGS[2]["endpoints"]["own"]["jobs"]


def test_the_defaults_are_those_of_the_code() -> None:
    example = SETTINGS[2]["endpoints"]["own"]["jobs"]
    for key, row in rows(JobSettings).items():
        if key not in ("kind", "statusMap", "unitField", "unitName", "usdPerUnit"):
            assert example[key] == row.default


def test_what_is_handed_in_and_answered_is_as_it_is_shown() -> None:
    submitted, queued, done = MESSAGES
    body = json.loads(HttpJob().submission(http_endpoint(), HTTP_REQUEST).content)
    assert list(body) == list(submitted)
    assert body["repository_context"]["files"][0].keys() == submitted["repository_context"]["files"][0].keys()
    endpoint = http_endpoint(status_map=SETTINGS[2]["endpoints"]["own"]["jobs"]["statusMap"])
    failures = some_failures(endpoint)
    assert HttpJob().read(queued, failures).state == "queued"
    status = HttpJob().read(done, failures)
    assert (status.state, status.result, status.units and status.units.amount) == (
        "succeeded",
        done["result"]["diff"],
        1.5,
    )


def test_every_word_that_is_named_is_known() -> None:
    listed = PAGE.partition("known without it: ")[2].partition(". Any other")[0]
    states = [re.findall(r"\w+", group) for group in listed.split(";")]
    failures = some_failures(http_endpoint())
    for state, words in zip(("queued", "running", "succeeded", "failed", "cancelled"), states, strict=True):
        assert {HttpJob().read({"status": word}, failures).state for word in words} == {state}
