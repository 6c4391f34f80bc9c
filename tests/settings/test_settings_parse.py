"""One object in, settings and problems out: whatever it is."""

from __future__ import annotations

import math
from itertools import chain
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spark_lsp.settings.endpoint_model import FORMATS, WIRES, EndpointSettings
from spark_lsp.settings.kinds import rows
from spark_lsp.settings.layers import dump, fill_left_out, parse
from spark_lsp.settings.model import Settings
from spark_lsp.settings.problem import Problem

DEFAULTS = Settings()
NO_URL = "baseUrl: expected an http:// or https:// URL without a user name or password"


def messages(raw: object) -> list[str]:
    return [str(problem) for problem in parse(raw)[1]]


def endpoint(**settings: object) -> EndpointSettings:
    parsed, problems = parse({"endpoints": {"mine": {"preset": "any", **settings}}})
    assert not problems
    return parsed.endpoints["mine"]


def test_the_defaults_are_those_of_the_contract() -> None:
    assert dump(DEFAULTS) == {
        "endpoint": "auto",
        "endpoints": {},
        "fallback": [],
        "routes": {"inline": None, "nextEdit": None, "edit": None, "deep": None},
        "inline": {"enabled": True, "maxLines": 24, "inComments": True, "inStrings": True},
        "nextEdit": {"enabled": True, "offline": True},
        "edit": {"apply": "stream", "onCancel": "revert", "syntaxGate": "warn", "restyle": "drop"},
        "context": {"tokens": 4000, "inlineTokens": 1500, "repository": True},
        "privacy": {"redactSecrets": True, "exclude": []},
        "limits": {"tokensPerMinute": None, "usdPerDay": None},
        "cache": {"replies": True},
        "ledger": {"enabled": True},
        "log": {"level": "info", "prompts": False},
    }
    defaults = EndpointSettings()
    assert {key: getattr(defaults, row.name) for key, row in rows(EndpointSettings).items()} == {
        "preset": None,
        "baseUrl": None,
        "model": None,
        "wire": "chat",
        "format": defaults.format,
        "apiKeyEnv": None,
        "apiKeyCommand": None,
        "headers": {},
        "extraBody": {},
        "temperature": 0,
        "seed": 0,
        "maxOutputTokens": 4096,
        "contextTokens": 128000,
        "timeouts": defaults.timeouts,
        "price": defaults.price,
        "hedge": False,
        "jobs": defaults.jobs,
    }
    assert (defaults.format.edit, defaults.format.inline, defaults.format.next_edit) == ("auto", "auto", "auto")
    timeouts, price = defaults.timeouts, defaults.price
    assert (timeouts.connect, timeouts.first_token, timeouts.stall, timeouts.total) == (2, 15, 10, 120)
    assert (price.input, price.cached_input, price.output) == (0, 0, 0)


@pytest.mark.parametrize(
    "raw", [None, {}, {"inline": None}, {"inline": {"maxLines": None}}, {"endpoints": {"a": None}}]
)
def test_null_and_absence_give_the_defaults(raw: object) -> None:
    assert parse(raw) == (DEFAULTS, [])


def test_everything_can_be_set() -> None:
    settings, problems = parse(
        {
            "endpoint": "mine",
            "endpoints": {
                "mine": {
                    "preset": "vllm",
                    "baseUrl": "http://127.0.0.1:8000/v1",
                    "model": "any-string",
                    "wire": "responses-ws",
                    "format": {"edit": "rewrite", "inline": "hole", "nextEdit": "window"},
                    "apiKeyEnv": "MY_KEY",
                    "apiKeyCommand": ["pass", "show", "x"],
                    "headers": {"X-Team": "editors"},
                    "extraBody": {"reasoning": {"effort": "low"}, "stop": None, "list": [1, 2.5, True], "empty": {}},
                    "temperature": 1,
                    "seed": -1,
                    "maxOutputTokens": 1,
                    "contextTokens": 32000.0,
                    "timeouts": {"connect": 0.5},
                    "price": {"cachedInput": 0.25},
                }
            },
            "routes": {"inline": "cerebras", "deep": "mine"},
            "inline": {"enabled": False, "maxLines": 3},
            "nextEdit": {"offline": False},
            "edit": {"apply": "preview", "onCancel": "keep", "syntaxGate": "reject"},
            "context": {"repository": False},
            "privacy": {"redactSecrets": False, "exclude": ["*.sql"]},
            "limits": {"tokensPerMinute": 60000, "usdPerDay": 0},
            "log": {"level": "debug", "prompts": True},
        }
    )
    assert not problems
    mine = settings.endpoints["mine"]
    assert mine.base_url == "http://127.0.0.1:8000/v1"
    assert mine.format.next_edit == "window"
    assert mine.api_key_command == ("pass", "show", "x")
    assert mine.extra_body == {"reasoning": {"effort": "low"}, "stop": None, "list": [1, 2.5, True], "empty": {}}
    assert mine.timeouts.connect == 0.5
    assert mine.timeouts.total == 120
    assert (mine.price.input, mine.price.cached_input) == (0, 0.25)
    assert (mine.context_tokens, type(mine.context_tokens)) == (32000, int)
    assert settings.routes.deep == "mine"
    assert settings.limits.usd_per_day == 0
    assert settings.privacy.exclude == ("*.sql",)
    assert parse(dump(settings)) == (settings, [])


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (7, "expected a table of settings, not 7"),
        ([], "expected a table of settings, not a list"),
        ("x", "expected a table of settings, not a string"),
        ({"inlne": {}}, 'inlne: there is no such setting; did you mean "inline"?'),
        ({"inline": {"max_lines": 3}}, 'inline.max_lines: there is no such setting; did you mean "maxLines"?'),
        ({"inline": {"MAXLINES": 3}}, 'inline.MAXLINES: there is no such setting; did you mean "maxLines"?'),
        ({"quux": {}}, "quux: there is no such setting"),
        ({"a.b c": 1}, '"a.b c": there is no such setting'),
        ({3: 1}, "expected a string for every key"),
        ({"inline": False}, "inline: expected a table of settings, not false"),
        ({"inline": {"enabled": 1}}, "inline.enabled: expected true or false, not 1"),
        ({"inline": {"maxLines": True}}, "inline.maxLines: expected an integer from 1 to 1000, not true"),
        ({"inline": {"maxLines": 2.5}}, "inline.maxLines: expected an integer from 1 to 1000, not 2.5"),
        ({"inline": {"maxLines": 0}}, "inline.maxLines: expected an integer from 1 to 1000, not 0"),
        ({"inline": {"maxLines": "3"}}, "inline.maxLines: expected an integer from 1 to 1000, not a string"),
        (
            {"context": {"tokens": 10**5000}},
            "context.tokens: expected an integer from 1 to 100000000, not so large a number",
        ),
        ({"limits": {"usdPerDay": math.nan}}, "limits.usdPerDay: expected a number from 0 to 1000000, not nan"),
        (
            {"limits": {"usdPerDay": -math.inf}},
            "limits.usdPerDay: expected a number from 0 to 1000000, not so large a number",
        ),
        (
            {"limits": {"usdPerDay": 10**400}},
            "limits.usdPerDay: expected a number from 0 to 1000000, not so large a number",
        ),
        ({"edit": {"apply": "streem"}}, 'edit.apply: expected one of stream, once, preview; did you mean "stream"?'),
        ({"edit": {"apply": "now"}}, "edit.apply: expected one of stream, once, preview"),
        ({"edit": {"apply": 1}}, "edit.apply: expected one of stream, once, preview, not 1"),
        ({"privacy": {"exclude": "*.sql"}}, "privacy.exclude: expected a list of gitignore patterns, not a string"),
        ({"routes": {"inline": ""}}, "routes.inline: expected the name of an endpoint"),
        ({"endpoint": "\ud800"}, "endpoint: expected the name of an endpoint"),
        ({"endpoints": []}, "endpoints: expected a table of endpoints, not a list"),
        ({"endpoints": {"": {"preset": "x"}}}, 'endpoints."": expected a name for a key'),
        ({"endpoints": {"a": []}}, "endpoints.a: expected a table of settings, not a list"),
        ({"endpoints": {"a": {}}}, "endpoints.a: needs preset or baseUrl; this endpoint is left out"),
        ({"endpoints": {"a.b": {"model": "m"}}}, 'endpoints."a.b": needs preset or baseUrl; this endpoint is left out'),
    ],
)
def test_a_problem_names_the_key_and_what_was_expected(raw: object, message: str) -> None:
    settings, problems = parse(raw)
    assert [str(problem) for problem in problems] == [message]
    assert settings == DEFAULTS


@pytest.mark.parametrize(
    ("given_settings", "message"),
    [
        ({"baseUrl": "ftp://host/v1"}, NO_URL),
        ({"baseUrl": "localhost:8000"}, NO_URL),
        ({"baseUrl": "http://"}, NO_URL),
        ({"baseUrl": "http://a b/"}, NO_URL),
        ({"baseUrl": "https://me:pw@host/v1"}, NO_URL),
        ({"wire": "chatt"}, f'wire: expected one of {", ".join(WIRES)}; did you mean "chat"?'),
        ({"format": {"inline": "rewrite"}}, f"format.inline: expected one of auto, {', '.join(FORMATS['inline'])}"),
        ({"format": {"nextedit": "zeta1"}}, 'format.nextedit: there is no such setting; did you mean "nextEdit"?'),
        ({"format": 3}, "format: expected a name or a table with edit, inline, nextEdit, not 3"),
        (
            {"format": "zeta"},
            f'format: expected one of auto, {", ".join(chain(*FORMATS.values()))}; did you mean "zeta2"?',
        ),
        ({"apiKeyCommand": []}, "apiKeyCommand: expected a command as a list of strings, 1 to 100 of them"),
        ({"apiKeyCommand": "pass"}, "apiKeyCommand: expected a command as a list of strings, not a string"),
        ({"apiKeyCommand": ["pass", 3]}, "apiKeyCommand.1: expected a string, not 3"),
        ({"headers": {"X-A": 3}}, "headers.X-A: expected the text of a header (ASCII, one line), not 3"),
        ({"headers": {"X-A": "a\r\nX-B: b"}}, "headers.X-A: expected the text of a header (ASCII, one line)"),
        ({"headers": {"X A": "a"}}, 'headers."X A": expected the name of a header for a key'),
        ({"extraBody": {"a": [math.nan]}}, "extraBody.a.0: expected a value that JSON can say, not nan"),
        ({"extraBody": {"a": object()}}, "extraBody.a: expected a value that JSON can say, not a value of type object"),
        ({"extraBody": {"a": {1: 2}}}, "extraBody.a: expected a string for every key"),
        ({"temperature": -0.1}, "temperature: expected a number from 0 to 100, not -0.1"),
        ({"maxOutputTokens": 0}, "maxOutputTokens: expected an integer from 1 to 100000000, not 0"),
        ({"timeouts": {"stall": 0}}, "timeouts.stall: expected a number above 0, at most 86400, not 0"),
        ({"price": {"output": -1}}, "price.output: expected a number from 0 to 1000000, not -1"),
        ({"apiKey": "sk-x"}, 'apiKey: there is no such setting; did you mean "apiKeyEnv"?'),
    ],
)
def test_a_problem_in_an_endpoint_leaves_the_rest_of_it(given_settings: dict[str, object], message: str) -> None:
    raw = {"endpoints": {"mine": {"preset": "any", "model": "kept", **given_settings}}}
    settings, problems = parse(raw)
    assert [str(problem) for problem in problems] == [f"endpoints.mine.{message}"]
    assert settings.endpoints["mine"].model == "kept"
    name = next(iter(given_settings))
    if name in rows(EndpointSettings) and name != "extraBody":
        row = rows(EndpointSettings)[name]
        assert getattr(settings.endpoints["mine"], row.name) == row.default


def test_a_bad_pattern_spoils_only_itself() -> None:
    settings, problems = parse({"privacy": {"exclude": ["*.sql", 3, None, "*.csv"]}})
    assert settings.privacy.exclude == ("*.sql", "*.csv")
    assert [problem.key for problem in problems] == ["privacy.exclude.1", "privacy.exclude.2"]


@pytest.mark.parametrize(
    "secret",
    [
        "sk-proj-abcdef0123456789",
        "sk_live_4f8a",
        "gsk_AbCdEf0123456789AbCdEf0123456789",
        "hf_AbCdEfGhIjKlMnOpQrStUvWxYz01234567",
        "AIzaSyA0123456789abcdefghijklmnopqrstuv",
        "deadbeef0123456789deadbeef012345",
        "Bearer abc",
        "1KEY",
        "MY-KEY",
        "MY_KEY\n",
        "",
    ],
)
def test_a_key_in_place_of_a_variables_name_is_not_repeated(secret: str) -> None:
    settings, problems = parse({"endpoints": {"a": {"preset": "x", "apiKeyEnv": secret}}})
    assert settings.endpoints["a"].api_key_env is None
    assert [problem.key for problem in problems] == ["endpoints.a.apiKeyEnv"]
    assert "never the key itself" in str(problems[0])
    assert not secret.strip() or secret.strip() not in repr(problems)


@pytest.mark.parametrize(
    "name", ["MY_KEY", "OPENAI_API_KEY", "_k", "key", "A1_B2", "Azure_Key_2", "THE_KEY_OF_MY_4090"]
)
def test_names_of_variables(name: str) -> None:
    assert endpoint(apiKeyEnv=name).api_key_env == name


@pytest.mark.parametrize(
    "url",
    ["http://localhost", "https://api.example.com/v1", "HTTP://[::1]:8080/v1/", "http://10.0.0.1:1?api-version=2"],
)
def test_base_urls(url: str) -> None:
    assert endpoint(baseUrl=url).base_url == url


@pytest.mark.parametrize(
    ("given_format", "edit", "inline", "next_edit"),
    [
        ("auto", "auto", "auto", "auto"),
        ("search-replace", "search-replace", "auto", "auto"),
        ("fim-glm", "auto", "fim-glm", "auto"),
        ("zeta2", "auto", "auto", "zeta2"),
        ({"inline": "hole"}, "auto", "hole", "auto"),
        ({"edit": "auto", "nextEdit": "patch"}, "auto", "auto", "patch"),
    ],
)
def test_the_name_of_a_format_forces_it_for_its_task(
    given_format: object, edit: str, inline: str, next_edit: str
) -> None:
    found = endpoint(format=given_format).format
    assert (found.edit, found.inline, found.next_edit) == (edit, inline, next_edit)


def test_an_endpoint_knows_what_it_was_given() -> None:
    given_settings = endpoint(timeouts={"stall": 3}, extraBody={"a": {"b": 1}}, seed=0, model=None).given
    assert given_settings == {"preset", "timeouts.stall", "extraBody.a.b", "seed"}


def test_a_preset_fills_what_is_left_out() -> None:
    mine = endpoint(model="mine", temperature=0, timeouts={"stall": 3}, headers={"A": "1"}, extraBody={"x": {"y": 1}})
    preset = {
        "baseUrl": "https://api.example.com/v1",
        "model": "theirs",
        "wire": "anthropic",
        "temperature": 0.7,
        "format": "zeta1",
        "apiKeyEnv": "THEIR_KEY",
        "timeouts": {"stall": 5, "connect": 9},
        "headers": {"A": "2", "B": "3"},
        "extraBody": {"x": {"z": 2}},
    }
    filled = fill_left_out(mine, preset)
    assert (filled.preset, filled.base_url, filled.model) == ("any", "https://api.example.com/v1", "mine")
    assert (filled.wire, filled.temperature, filled.format.next_edit) == ("anthropic", 0, "zeta1")
    assert (filled.timeouts.stall, filled.timeouts.connect, filled.timeouts.total) == (3, 9, 120)
    assert filled.headers == {"A": "1", "B": "3"}
    assert filled.extra_body == {"x": {"y": 1, "z": 2}}
    assert filled.api_key_env == "THEIR_KEY"
    assert fill_left_out(endpoint(apiKeyCommand=["pass"]), preset).api_key_env is None
    assert fill_left_out(EndpointSettings(model="built by hand"), preset).model == "built by hand"
    with pytest.raises(ValueError, match="not a preset: baseURL: there is no such setting"):
        fill_left_out(mine, {"baseURL": "http://x"})


def test_thousands_of_problems_are_counted_not_listed() -> None:
    _, problems = parse({f"key{index}": 1 for index in range(20_000)})
    assert len(problems) == 51
    assert problems[-1] == Problem("and 19950 more problems")


def test_keys_are_cut_and_escaped_in_messages() -> None:
    assert messages({"k" * 500: 1}) == [f'"{"k" * 60}…": there is no such setting']
    assert messages({"\x1b[31m": 1}) == ['"\\u001b[31m": there is no such setting']


def test_depth_has_an_end() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = {"a": deep}
    assert messages({"endpoints": {"x": {"preset": "p", "extraBody": deep}}}) == [
        "endpoints.x.extraBody.a: expected tables at most 32 deep"
    ]
    assert messages({"inline": deep}) == ["inline.a: there is no such setting"]


known_keys = sorted({*rows(Settings), *rows(EndpointSettings), "mine", "edit", "connect", "maxLines", "exclude"})
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.just("\ud800"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(known_keys) | st.text() | st.integers() | st.just("\udfff"), inner, max_size=5
        )
    ),
    max_leaves=20,
)


@given(anything)
@example({"endpoints": {"mine": {"headers": {"": ""}, "extraBody": {"\ud800": 1}}}})
def test_nothing_raises_and_what_holds_survives(raw: object) -> None:
    settings, problems = parse(raw)
    assert parse(dump(settings)) == (settings, [])
    for problem in problems:
        assert str(problem).isprintable()


@given(st.sampled_from(sorted(rows(Settings))), anything)
def test_a_wrong_value_leaves_the_default_and_the_other_settings(key: str, value: object) -> None:
    raw: dict[str, object] = {"inline": {"maxLines": 7}, "log": {"level": "error"}}
    settings, problems = parse({**raw, key: value})
    expected, _ = parse(raw)
    if problems and not isinstance(value, dict | list):  # of tables and lists, what holds survives
        assert getattr(settings, rows(Settings)[key].name) == getattr(DEFAULTS, rows(Settings)[key].name)
    for other, row in rows(Settings).items():
        if other != key:
            assert getattr(settings, row.name) == getattr(expected, row.name)
