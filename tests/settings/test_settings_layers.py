"""Layers of settings: the later one wins, and a workspace may not say everything."""

from __future__ import annotations

import pytest

from spark_lsp.settings.layers import Layer, Resolved, Source, resolve
from spark_lsp.settings.model import Settings
from spark_lsp.settings.problem import Problem

IN_ORDER = (Source.USER_FILE, Source.WORKSPACE_FILE, Source.INITIALIZATION_OPTIONS, Source.WORKSPACE_CONFIGURATION)


def of(*raws: object) -> Resolved:
    """Layers that may all say everything."""
    sources = (Source.USER_FILE, Source.INITIALIZATION_OPTIONS, Source.WORKSPACE_CONFIGURATION)
    return resolve([Layer(source, raw, str(source)) for source, raw in zip(sources, raws, strict=False)])


def test_no_layer_gives_the_defaults() -> None:
    assert resolve([]) == Resolved(Settings(), (), {})


def test_the_later_layer_wins() -> None:
    raws = [{"inline": {"maxLines": number}} for number in range(1, 5)]
    layers = [Layer(source, raw) for source, raw in zip(IN_ORDER, raws, strict=True)]
    for count in range(1, 5):
        resolved = resolve(layers[:count])
        assert resolved.settings.inline.max_lines == count
        assert resolved.sources == {"inline.maxLines": IN_ORDER[count - 1]}


def test_tables_merge_and_all_else_is_replaced() -> None:
    resolved = of(
        {"inline": {"maxLines": 3}, "privacy": {"exclude": ["a", "b"]}, "log": {"level": "debug"}},
        {"inline": {"enabled": False}, "privacy": {"exclude": ["c"]}},
        {"log": {"prompts": True}},
    )
    settings = resolved.settings
    assert (settings.inline.enabled, settings.inline.max_lines) == (False, 3)
    assert settings.privacy.exclude == ("c",)
    assert (settings.log.level, settings.log.prompts) == ("debug", True)
    assert resolved.sources == {
        "inline.maxLines": Source.USER_FILE,
        "inline.enabled": Source.INITIALIZATION_OPTIONS,
        "privacy.exclude": Source.INITIALIZATION_OPTIONS,
        "log.level": Source.USER_FILE,
        "log.prompts": Source.WORKSPACE_CONFIGURATION,
    }


def test_endpoints_merge_by_name_and_by_key() -> None:
    resolved = of(
        {"endpoints": {"a": {"baseUrl": "http://a/v1", "headers": {"X": "1"}}, "b": {"preset": "b", "format": "hole"}}},
        {"endpoints": {"a": {"model": "m", "headers": {"Y": "2"}}, "b": {"format": {"edit": "rewrite"}}}},
        {"endpoints": {"b": {"format": "zeta1"}, "c.d": {"preset": "c"}}},
    )
    assert resolved.problems == ()
    endpoints = resolved.settings.endpoints
    assert list(endpoints) == ["a", "b", "c.d"]
    assert (endpoints["a"].base_url, endpoints["a"].model) == ("http://a/v1", "m")
    assert endpoints["a"].headers == {"X": "1", "Y": "2"}
    assert (endpoints["b"].format.inline, endpoints["b"].format.next_edit) == ("auto", "zeta1")
    assert resolved.sources["endpoints.a.headers.X"] == Source.USER_FILE
    assert resolved.sources["endpoints.a.headers.Y"] == Source.INITIALIZATION_OPTIONS
    assert resolved.sources["endpoints.b.format.nextEdit"] == Source.WORKSPACE_CONFIGURATION
    assert resolved.sources['endpoints."c.d".preset'] == Source.WORKSPACE_CONFIGURATION


def test_the_body_merges_too_and_keeps_its_nulls() -> None:
    def body(raw: object) -> dict[str, object]:
        return {"endpoints": {"a": {"preset": "p", "extraBody": raw}}}

    resolved = of(body({"x": {"y": 1, "z": 2}, "w": 1}), body({"x": {"y": None}, "w": {"v": 1}}), body({"x": 5}))
    assert resolved.settings.endpoints["a"].extra_body == {"x": 5, "w": {"v": 1}}
    assert set(resolved.sources) == {"endpoints.a.preset", "endpoints.a.extraBody.x", "endpoints.a.extraBody.w.v"}


def test_null_says_nothing() -> None:
    resolved = of(
        {"inline": {"maxLines": 3}, "limits": {"usdPerDay": 5}}, {"inline": None, "limits": {"usdPerDay": None}}, None
    )
    assert resolved.settings.inline.max_lines == 3
    assert resolved.settings.limits.usd_per_day == 5


def test_a_wrong_value_leaves_that_of_the_layer_before() -> None:
    resolved = of({"inline": {"maxLines": 3}}, {"inline": {"maxLines": -1}}, {"inline": []})
    assert resolved.settings.inline.max_lines == 3
    assert [str(problem) for problem in resolved.problems] == [
        "initializationOptions: inline.maxLines: expected an integer from 1 to 1000, not -1",
        "workspace/configuration: inline: expected a table of settings, not a list",
    ]
    assert resolved.sources == {"inline.maxLines": Source.USER_FILE}


def test_an_endpoint_may_come_in_parts_but_must_be_whole_in_the_end() -> None:
    resolved = of({"endpoints": {"a": {"model": "m"}, "b": {"model": "n"}}}, {"endpoints": {"a": {"preset": "p"}}})
    assert list(resolved.settings.endpoints) == ["a"]
    assert resolved.problems == (
        Problem("needs preset or baseUrl; this endpoint is left out", "endpoints.b", "user file"),
    )
    assert "endpoints.b.model" not in resolved.sources


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("endpoint", "evil"),
        ("endpoints", {"mine": {"baseUrl": "https://evil.example/v1"}}),
        ("routes", {"inline": "evil"}),
        ("log", {"prompts": True}),
        ("log", {"level": "debug"}),
        ("endpoint", 3),
    ],
)
def test_a_workspace_may_not_say_where_code_goes(key: str, value: object) -> None:
    mine = {"endpoint": "mine", "endpoints": {"mine": {"baseUrl": "http://127.0.0.1/v1"}}}
    user = Layer(Source.USER_FILE, mine, "config.toml")
    workspace = Layer(Source.WORKSPACE_FILE, {key: value, "inline": {"maxLines": 3}}, ".spark.toml")
    resolved = resolve([user, workspace])
    alone = resolve([user, Layer(Source.WORKSPACE_FILE, {"inline": {"maxLines": 3}})])
    assert resolved.settings == alone.settings
    assert resolved.sources == alone.sources
    (problem,) = resolved.problems
    assert (problem.where, problem.key) == (".spark.toml", key)
    assert "a workspace file may not set this" in problem.message
    assert "config.toml" in problem.message


def test_a_workspace_may_say_the_rest() -> None:
    raw = {
        "inline": {"enabled": False},
        "nextEdit": {"enabled": False},
        "edit": {"apply": "once"},
        "context": {"tokens": 1},
        "privacy": {"exclude": ["*.sql"]},
        "limits": {"usdPerDay": 1},
    }
    resolved = resolve([Layer(Source.WORKSPACE_FILE, raw)])
    assert resolved.problems == ()
    assert len(resolved.sources) == 6


def test_what_went_wrong_while_reading_is_passed_on() -> None:
    problem = Problem("is not TOML", where="config.toml", line=3)
    assert str(problem) == "config.toml:3: is not TOML"
    assert resolve([Layer(Source.USER_FILE, {}, problems=(problem,))]).problems == (problem,)


def test_a_workspace_may_keep_more_to_itself_and_not_less() -> None:
    user = Layer(Source.USER_FILE, {"privacy": {"exclude": ["private/"]}}, "config.toml")
    loose = Layer(Source.WORKSPACE_FILE, {"privacy": {"exclude": ["more/"], "redactSecrets": False}}, ".spark.toml")
    resolved = resolve([user, loose])
    assert resolved.settings.privacy.exclude == ("private/", "more/")
    assert resolved.settings.privacy.redact_secrets
    assert [problem.key for problem in resolved.problems] == ["privacy.redactSecrets"]
    strict = Layer(Source.WORKSPACE_FILE, {"privacy": {"redactSecrets": True}}, ".spark.toml")
    assert resolve([user, strict]).settings.privacy.exclude == ("private/",)


def test_the_editor_may_say_what_the_user_file_says() -> None:
    user = Layer(Source.USER_FILE, {"privacy": {"exclude": ["private/"]}}, "config.toml")
    editor = Layer(Source.INITIALIZATION_OPTIONS, {"privacy": {"exclude": [], "redactSecrets": False}})
    assert resolve([user, editor]).settings.privacy.exclude == ()


def test_a_workspace_lowers_limits_and_does_not_raise_them() -> None:
    layers = [
        Layer(Source.USER_FILE, {"limits": {"usdPerDay": 5, "tokensPerMinute": 100}}),
        Layer(Source.WORKSPACE_FILE, {"limits": {"usdPerDay": 50, "tokensPerMinute": 10}}),
    ]
    resolved = resolve(layers)
    assert (resolved.settings.limits.usd_per_day, resolved.settings.limits.tokens_per_minute) == (5, 10)
    assert [problem.key for problem in resolved.problems] == ["limits.usdPerDay"]
