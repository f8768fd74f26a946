"""JSON: what is none is refused with its place, on the way in and on the way out."""

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from pydantic import BaseModel

import headrace.inference.quality
import headrace.jobs.aggregate  # noqa: F401 - with the other records
from headrace import strict_json
from headrace.errors import ConfigurationError, DataError
from headrace.metrics import metrics_of
from headrace.schema import Column, Table
from headrace.settings import Gate, Record, Search, Settings, record_of, settings_of
from headrace.tables import read_table

REFUSED = {
    "NaN": ('{"gate": {"floor": {"roc_auc": NaN}}}', "INPUT: gate.floor.roc_auc is NaN"),
    "infinity": ('{"psi": [1, Infinity]}', "INPUT: psi.1 is Infinity"),
    "minus infinity": ("[-Infinity]", "INPUT: 0 is -Infinity"),
    "a float without end": ('{"a": 1e999}', "INPUT: a is Infinity"),
    "a whole number without end": ('{"a": ' + "9" * 400 + "}", "INPUT: a is Infinity"),
    "more digits than Python reads": ("1" * 5000, "INPUT: it is Infinity"),
    "a key twice": ('{"a": {"b": 1, "b": 2}}', "INPUT has the key 'b' more than once"),
    "single quotes": ("{'a': 1}", "INPUT is not JSON: line 1, column 2, at \"'a': 1}\""),
    "cut off": ('{"a":\n  {', "INPUT is not JSON: line 2, column 4, where it ends"),
    "nothing": ("", "INPUT is not JSON: line 1, column 1, where it ends"),
    "a comma too many": ('{"a": 1,}', "INPUT is not JSON: line 1, column 9"),
    "too deep": ("[" * 100_000, "INPUT is nested too deeply"),
    "no UTF-8": (b'{\n"a": "\xff"}', "INPUT is no UTF-8 (byte 9, line 2); save it as UTF-8"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "INPUT is no UTF-8 (byte 1, line 1)"),
    "half a pair, escaped": (r'"\ud800"', "INPUT has a character that is no Unicode: '\\ud800'"),
    "a shell's odd byte": ('"\udcff"', "INPUT has a character that is no Unicode"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_json_is_refused_with_its_place(text: str | bytes, message: str) -> None:
    """The message begins with the name of the text, and says which place in it, in one line."""
    with pytest.raises(strict_json.JsonError) as caught:
        strict_json.loads(text, "INPUT")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250
    assert isinstance(caught.value, ConfigurationError)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, 2.5, -1e-3, true, null, "NaN"]}', {"a": [1, 2.5, -1e-3, True, None, "NaN"]}),
        (b'\xef\xbb\xbf{"a": "\xc3\xbc"}', {"a": "ü"}),  # as Windows writes it
        (r'"\ud83d\ude00"', "😀"),
        ("123456789012345678901234567890", 123456789012345678901234567890),
    ],
)
def test_json_is_read_as_it_is(text: str | bytes, value: object) -> None:
    """Nothing is changed: whole numbers keep all their digits, and the text NaN is a text."""
    assert strict_json.loads(text, "INPUT") == value


@pytest.mark.parametrize(
    "value", [math.nan, {"a": [1, math.inf]}, (1, {"b": -math.inf}), {"c": np.float64("nan")}]
)
def test_no_number_that_is_none_is_written(value: object) -> None:
    """The message says where the number is, which is a fault of whoever made it."""
    with pytest.raises(strict_json.JsonError, match=r"is -?(NaN|Infinity), and JSON has finite numbers only"):
        strict_json.dumps(value)


def _models(kind: type[BaseModel]) -> list[type[BaseModel]]:
    return [kind, *(each for sub in kind.__subclasses__() for each in _models(sub))]


@pytest.mark.parametrize("kind", [*_models(Settings), *_models(Record)], ids=lambda kind: kind.__name__)
def test_no_setting_and_no_record_holds_a_number_that_is_none(kind: type[BaseModel]) -> None:
    """None loosens what its base says."""
    assert kind.model_config["allow_inf_nan"] is False


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        (Gate, {"floor": {"roc_auc": math.nan}}, "floor.roc_auc: has to be a finite number .found NaN"),
        (Gate, {"floor": {"roc_auc": "nan"}}, "floor.roc_auc: has to be a finite number .found 'nan'"),
        (
            Gate,
            {"champion_tolerance": {"log_loss": math.inf}},
            "champion_tolerance.log_loss: has to be a finite",
        ),
        (
            Search,
            {"grid": {"depth": [math.inf]}},
            "grid.depth.0: has to be .* a finite number.*found Infinity",
        ),
        (
            Search,
            {"grid": {"depth": [None]}},
            "grid.depth.0: has to be a text, or a number, or true or false",
        ),
    ],
)
def test_settings_refuse_a_number_that_is_none(
    kind: type[Settings], given: dict[str, object], message: str
) -> None:
    """TOML has nan and inf, and a text may say them."""
    with pytest.raises(ConfigurationError, match=message):
        settings_of(kind, given, "these settings")


def test_a_record_is_refused_in_one_line() -> None:
    """What a former job left is reported as a person's file is."""
    with pytest.raises(strict_json.JsonError, match=r"^drift.json: psi is NaN"):
        record_of(Record, '{"psi": NaN}', "drift.json")


@pytest.mark.parametrize(("value", "words"), [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf")])
def test_a_model_that_scores_no_number_is_reported(value: float, words: str) -> None:
    """Metrics of such scores are no record with NaN in it, nor scikit-learn's own words."""
    with pytest.raises(DataError, match=f"the model scores 1 of 3 rows {words}, which is no probability"):
        metrics_of(np.array([0, 1, 1], np.int8), np.array([0.1, value, 0.3]))


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_an_infinite_number_in_a_raw_table_is_reported(suffix: str, tmp_path: Path) -> None:
    """With column, file and count: a mean would be infinite, and no JSON holds that."""
    frame = pl.DataFrame({"id": ["a", "b"], "age": [1.0, math.inf]})
    file = tmp_path / f"visits{suffix}"
    frame.write_csv(file) if suffix == ".csv" else frame.write_parquet(file)
    table = Table("visits", (Column("id", "text"), Column("age", "number", nullable=True)))
    with pytest.raises(
        DataError, match=rf"column 'age' of {file.name} has 1 value outside of the finite numbers: inf"
    ):
        read_table(tmp_path, table)


@pytest.mark.parametrize("bound", [math.inf, -math.inf, math.nan])
def test_a_column_has_finite_bounds(bound: float) -> None:
    """They are written into the artefact after the training, when it would be late to say so."""
    with pytest.raises(
        ConfigurationError, match="column 'age': minimum and maximum are finite numbers; leave out"
    ):
        Column("age", "number", maximum=bound)
