"""Candidates: the points of a grid, checked before anything is trained."""

import pytest
from toy import MODEL

from headrace.errors import ConfigurationError
from headrace.model import complexity_of
from headrace.settings import Search, Settings
from headrace.validation.candidates import candidates_of

GRID = {"max_depth": (2, 4, 6), "learning_rate": (0.1, 0.3), "refit": (True, False)}


def test_a_grid_is_tried_whole() -> None:
    """Each point once, as the texts that SageMaker carries."""
    found = [each.hyperparameters for each in candidates_of(MODEL, Search(grid=GRID), 500)]
    assert len(found) == 12
    assert len({tuple(each.items()) for each in found}) == 12
    assert found[0] == {"max_depth": "2", "learning_rate": "0.1", "refit": "true"}
    assert found[-1] == {"max_depth": "6", "learning_rate": "0.3", "refit": "false"}


def test_draws_are_distinct_points_and_the_same_for_a_seed() -> None:
    """Random points of a large grid, none twice; more draws than points are all points."""
    grid = {
        "max_depth": tuple(range(1, 17)),
        "max_rounds": tuple(range(1, 1001)),
        "max_bin": tuple(range(2, 1002)),
    }

    def drawn(seed: int) -> list[tuple[tuple[str, str], ...]]:
        search = Search(grid=grid, draws=40, seed=seed)
        return [tuple(each.hyperparameters.items()) for each in candidates_of(MODEL, search, 500)]

    assert len(set(drawn(0))) == 40
    assert drawn(0) == drawn(0) != drawn(1)
    assert len(candidates_of(MODEL, Search(grid=GRID, draws=100), 500)) == 12


def test_without_a_grid_the_model_is_the_candidate() -> None:
    """Nothing is overridden."""
    (only,) = candidates_of(MODEL, Search(), 500)
    assert (only.candidate, only.hyperparameters, only.words) == ("candidate-1", {}, "the model's own")


@pytest.mark.parametrize(
    ("search", "message"),
    [
        (Search(grid={"depth": (3,)}), "hyperparameters of candidate-1 cannot be used: depth: unknown key"),
        (
            Search(grid={"max_bin": (64, 2048)}),
            "hyperparameters of candidate-2 cannot be used: max_bin: has to be 1024 or less",
        ),
        (Search(grid={"max_depth": ("deep",)}), "max_depth: has to be a whole number"),
        (Search(grid={"seed": tuple(range(20))}), "the search has 20 candidates and 10 can be tried"),
    ],
)
def test_a_search_that_cannot_be_is_reported(search: Search, message: str) -> None:
    """An unknown hyperparameter, a value out of range or of another type, too many candidates."""
    with pytest.raises(ConfigurationError, match=message):
        candidates_of(MODEL, search, 10)


def test_complexity_orders_boosted_trees() -> None:
    """Shallow trees are simpler than deep ones, large leaves than small; a model that does not say has none."""
    grid = {"max_depth": (4, 2), "min_child_weight": (1, 50)}
    found = sorted(candidates_of(MODEL, Search(grid=grid), 500), key=lambda each: each.complexity)
    assert [tuple(each.hyperparameters.values()) for each in found] == [
        ("2", "50"),
        ("2", "1"),
        ("4", "50"),
        ("4", "1"),
    ]
    assert complexity_of(Settings()) == ()
