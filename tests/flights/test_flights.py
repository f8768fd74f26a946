"""The example model: no feature reaches beyond departure, and none looks at another row."""

from collections.abc import Mapping

import narwhals as nw
import polars as pl
import pytest

from flights import MODEL
from flights.example_data import example_tables
from flights.schema import FLIGHTS
from headrace.prepare import examples_of
from headrace.tables import read_tables

Tables = Mapping[str, pl.DataFrame]
SAMPLE_ROWS = 400


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """The raw tables, checked against the schema."""
    folder = tmp_path_factory.mktemp("raw")
    example_tables(folder)
    return read_tables(folder, MODEL.tables)


@pytest.fixture(scope="module")
def sample(tables: Tables) -> Tables:
    """Few flights, of all the year."""
    return {**tables, "flights": tables["flights"].sample(SAMPLE_ROWS, seed=0)}


def test_all_flights_fit_the_schema(tables: Tables) -> None:
    """The published data passes every check: 336,776 flights, 26,115 hours of weather, 3,322 planes, 1,458 airports."""
    assert {name: len(table) for name, table in tables.items()} == {
        "flights": 336_776,
        "weather": 26_115,
        "planes": 3_322,
        "airports": 1_458,
    }


def test_what_is_known_only_after_departure_is_declared() -> None:
    """The schema names as outcomes exactly the columns that a departing flight does not have."""
    assert set(FLIGHTS.outcomes()) == {"dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"}


def test_a_flight_keeps_its_row_without_weather_or_plane(sample: Tables) -> None:
    """Joins keep every flight once, whatever is unknown."""
    bare = {name: table if name == "flights" else table.clear() for name, table in sample.items()}
    examples = examples_of(MODEL, bare)
    assert len(examples.frame) == SAMPLE_ROWS
    assert examples.features["humid"].null_count() == SAMPLE_ROWS


def test_late_is_more_than_fifteen_minutes() -> None:
    """15 is on time, 16 is late, and a flight that never arrived has no label."""
    delays = nw.from_native(pl.DataFrame({"arr_delay": [-3.0, 15.0, 16.0, None]}).lazy())
    label = delays.select(MODEL.label().alias("label")).to_native().collect()["label"]
    assert label.to_list() == [0, 0, 1, None]


def test_the_wind_of_a_broken_sensor_is_missing(tables: Tables) -> None:
    """The one hour with 1,048 miles an hour reaches no feature."""
    assert tables["weather"]["wind_speed"].max() == pytest.approx(1048.36058)
    speed = examples_of(MODEL, tables).features["wind_speed"]
    assert speed.max() < 100  # type: ignore[operator]


def test_the_weekday_is_the_local_one(tables: Tables) -> None:
    """Every flight's weekday is the calendar's, late in the evening too, when UTC has the next day."""
    examples = examples_of(MODEL, tables)
    calendar = (
        tables["flights"]
        .sort(MODEL.time, *MODEL.entity)
        .select(pl.date("year", "month", "day").dt.weekday().cast(pl.Int64))
        .to_series()
    )
    assert examples.features["weekday"].cast(pl.Int64).to_list() == calendar.to_list()


def test_a_flights_duration_is_that_of_the_schedule(tables: Tables) -> None:
    """No flight is shorter than half an hour or longer than half a day, whatever midnights and zones it crosses."""
    duration = examples_of(MODEL, tables).features["duration"]
    assert duration.min() >= 30  # type: ignore[operator]
    assert duration.max() <= 12 * 60  # type: ignore[operator]
