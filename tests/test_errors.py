"""Errors write their own sentence, are what Python users expect, and survive pickling."""

import pickle

import pytest

from clicksession import errors

EXAMPLES = [
    (
        errors.ParameterError("sessionize", "timeout", "positive", -5, "Give '5min'."),
        ValueError,
        "sessionize: `timeout` must be positive; got -5. Give '5min'.",
    ),
    (
        errors.UnknownNameError("reader", "jsnl", ["csv", "jsonl"]),
        LookupError,
        "there is no reader called 'jsnl'. Did you mean 'jsonl'? Known: csv, jsonl.",
    ),
    (
        errors.UnknownParameterError("sessionize", "time_out", ["timeout", "rules"]),
        TypeError,
        "sessionize: there is no parameter 'time_out'. Did you mean 'timeout'?",
    ),
    (
        errors.UnnamedParameterError("ConversionRate", "order", ["events", "per"]),
        TypeError,
        "ConversionRate: 'order' needs its name. Known: events, per.",
    ),
    (
        errors.NothingFoundError("Funnel", "steps", ["vue", "kart"], [("view", 1200), (None, 1)]),
        LookupError,
        "Funnel: `steps` looks for 'vue' or 'kart' events, and no event in a session is one. "
        "Those that occur: 'view' (1,200), no type (1).",
    ),
    (
        errors.MissingExtraError("reading from S3", "s3fs", "s3"),
        ImportError,
        "reading from S3 needs the package 's3fs', which is not installed. "
        'Type: pip install "clicksession[s3]"',
    ),
    (
        errors.BadRowError("log.json", "it is no JSON.", "Repair it.", "line 3"),
        OSError,
        "log.json, line 3: it is no JSON. Repair it.",
    ),
    (
        errors.SourceNotFoundError("a.json", "there is none"),
        FileNotFoundError,
        "a.json: there is none.",
    ),
    (errors.SchemaError("a.json", "no row has 'x'"), ValueError, "a.json: no row has 'x'."),
    (
        errors.UnsupportedDialectError("a percentile", "oracle"),
        NotImplementedError,
        "a percentile has no exact form in the dialect 'oracle' yet.",
    ),
    (
        errors.UnsupportedRuleError("max_events", "SQL", "Use sessionize()."),
        NotImplementedError,
        "the rule `max_events` cannot be followed exactly by SQL. Use sessionize().",
    ),
    (
        errors.TargetBusyError("events", "it is busy", "Wait."),
        errors.WriteError,
        "table 'events': it is busy. Nothing was written. Wait.",
    ),
    (
        errors.RulesChangedError("events", "other rules"),
        errors.WriteError,
        "table 'events': other rules. Nothing was written.",
    ),
    (
        errors.WriteError("events", "the disk is full"),
        RuntimeError,
        "table 'events': the disk is full. Nothing was written.",
    ),
    (
        errors.NoRoomError("events", "the disk is full", "Make room.").having_kept("7 were added."),
        errors.WriteError,
        "table 'events': the disk is full. 7 were added. Nothing else was written. Make room.",
    ),
    (
        errors.WriteError("events", "it went away", unsure=True).having_kept("7 were added."),
        errors.WriteError,
        "table 'events': it went away. 7 were added. What came after that may or may not have been "
        "written.",
    ),
]


@pytest.mark.parametrize(("error", "kind", "sentence"), EXAMPLES)
def test_sentence_kind_and_pickle(error: Exception, kind: type, sentence: str) -> None:
    assert isinstance(error, errors.ClicksessionError)
    assert isinstance(error, kind)
    assert str(error) == sentence
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == sentence


def test_every_error_has_an_example() -> None:
    shown = {type(error).__name__ for error, *_ in EXAMPLES}
    assert shown == set(errors.__all__) - {"ClicksessionError", "NotFoundWarning", "ReadError"}


def test_the_nearest_name_is_found_in_other_letters_too() -> None:
    assert errors.did_you_mean("GA4", ["ga4", "matomo"]) == "Did you mean 'ga4'?"
    assert errors.did_you_mean("session_ids", ["Session_id", "session_id"]).endswith(
        "'session_id'?"
    )
    assert errors.did_you_mean("XYZ", ["ga4", "matomo"]) == ""
