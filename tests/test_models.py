"""What every model of project.toml keeps, whoever wrote it: a fork's models are tested here as they are."""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headrace.model import Model, load_model
from headrace.prepare import examples_of
from headrace.settings import Settings
from headrace.tables import read_tables
from headrace_aws.config.project import load_project

# Those that can be tested: the ones with example data.
PACKAGES = sorted(
    {model.package for model in load_project().models.values() if find_spec(f"{model.package}.example_data")}
)
SAMPLE_ROWS = 400

Tables = Mapping[str, pl.DataFrame]


@pytest.fixture(scope="module", params=PACKAGES)
def model(request: pytest.FixtureRequest) -> Model[Settings]:
    """Each model in turn."""
    return load_model(request.param)


@pytest.fixture(scope="module")
def sample(model: Model[Settings], tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """The model's example tables, with few rows of the one that holds what is predicted."""
    folder = tmp_path_factory.mktemp("raw")
    package = type(model).__module__.partition(".")[0]
    import_module(f"{package}.example_data").example_tables(folder)
    tables = read_tables(folder, model.tables)
    main = main_table(model)
    return {**tables, main: tables[main].sample(min(SAMPLE_ROWS, len(tables[main])), seed=0)}


def main_table(model: Model[Settings]) -> str:
    """Return the table that knows the outcome."""
    return next(table.name for table in model.tables if table.outcomes())


def features(model: Model[Settings], tables: Tables) -> pl.DataFrame:
    """Return features by the entity that they belong to."""
    return examples_of(model, tables).frame.select("entity", "feature").sort("entity")


def test_no_feature_depends_on_an_outcome(model: Model[Settings], sample: Tables) -> None:
    """Other outcomes, the same features: nothing leaks, neither by a feature nor through the joins of `load`."""
    changed = {
        table.name: sample[table.name].with_columns(
            pl.col(name).shuffle(seed=1).shift(1).alias(name) for name in table.outcomes()
        )
        for table in model.tables
    }
    assert features(model, changed).equals(features(model, sample))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_rows_features_do_not_depend_on_the_other_rows(
    data: st.DataObject, model: Model[Settings], sample: Tables
) -> None:
    """Any few rows alone have the features that they have among all, so serving equals training."""
    main = main_table(model)
    rows = data.draw(st.sets(st.integers(0, len(sample[main]) - 1), min_size=1, max_size=20))
    few = features(model, {**sample, main: sample[main][sorted(rows)]})
    among_all = features(model, sample).join(few.select("entity"), on="entity", how="semi").sort("entity")
    assert few.equals(among_all)


def test_every_feature_has_values(model: Model[Settings], sample: Tables) -> None:
    """Features have names of their own, and the example data fills each of them somewhere."""
    found = examples_of(model, sample).features
    assert found.columns == [feature.name for feature in model.features]
    assert [column.name for column in found if column.null_count() == len(column)] == []
