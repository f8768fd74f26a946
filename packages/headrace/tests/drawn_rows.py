"""Rows drawn at random, with a profile of some of them as the training."""

from datetime import UTC, datetime

import numpy as np
import polars as pl

from headrace.arrays import Scores
from headrace.drift.comparison import comparisons_of
from headrace.drift.verdict import DriftVerdict, verdict_of
from headrace.features import Feature, category, number
from headrace.profile import Profile, SplitProfile, feature_profiles
from headrace.settings import DriftLimits

WORDS = [f"word {index:02}" for index in range(60)]
FEATURES: tuple[Feature, ...] = (
    category("word"),
    category("coin"),
    number("normal"),
    number("rain"),
    number("tail"),
    number("day"),
    number("age"),
)


def drawn(rows: int, seed: int) -> pl.DataFrame:
    """Return features of many shapes, and a score."""
    random = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "word": random.choice(WORDS, rows, p=np.arange(1, 61) / 1830),
            "coin": random.choice(["head", "tail"], rows),
            "normal": random.normal(size=rows),
            "rain": np.maximum(0, random.normal(-1, 1, rows)),
            "tail": random.pareto(1.5, rows),
            "day": random.integers(1, 8, rows),
            "age": np.where(random.random(rows) < 0.1, np.nan, random.uniform(18, 90, rows)),
            "score": random.beta(2, 5, rows),
        }
    ).with_columns(pl.col("age").fill_nan(None))


def profile_of_rows(frame: pl.DataFrame) -> Profile:
    """Return the profile of rows that are training and validation at once."""
    now = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
    part = SplitProfile(rows=len(frame), positive_share=0.3, first=now, last=now)
    return Profile(
        data_fingerprint="da7a" * 16,
        raw_rows={"rows": len(frame)},
        unlabelled_rows=0,
        splits={"train": part, "validation": part},
        features=feature_profiles(frame, FEATURES),
    ).with_score(frame["score"].to_numpy())


def judged(
    profile: Profile, batch: pl.DataFrame, limits: DriftLimits | None = None, score: Scores | None = None
) -> DriftVerdict:
    """Return the verdict on a batch."""
    return verdict_of(
        limits or DriftLimits(),
        profile,
        comparisons_of(profile, batch),
        batch["score"].to_numpy() if score is None else score,
    )
