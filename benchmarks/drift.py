"""What drift of a million rows costs beside reading them: time and memory, as ratios.

    python benchmarks/drift.py

Rows are the example's, drawn again until there are a million: all its features, with a baseline of its training
rows. Each is measured in a process of its own; imports are left out, as a job pays them once for all its work.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl

from flights import MODEL
from flights.example_data import example_tables
from headrace.examples import Examples
from headrace.prepare import examples_in, profile_of, split_by_time
from headrace.settings import Split

ROWS = 1_000_000
RUNS = 5

READ = """
features = features_in(folder / "batch")
"""
MEASURE = """
score = np.random.default_rng(0).beta(2, 6, len(features))
verdict = verdict_of(DriftLimits(), profile, comparisons_of(profile, features), score)
"""
TIMED = """
import resource
import sys
import time
from pathlib import Path

import numpy as np
import xgboost

from headrace.drift.comparison import comparisons_of
from headrace.drift.verdict import verdict_of
from headrace.inference.predictions import features_in
from headrace.profile import read_profile
from headrace.settings import DriftLimits

folder = Path(sys.argv[1])
profile = read_profile(folder)
begun = time.perf_counter()
{work}
seconds = time.perf_counter() - begun
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
print(seconds, peak)
"""


def cost(folder: Path, work: str) -> tuple[float, float]:
    """Return the seconds of some work, and the peak memory in MB of its process."""
    script = TIMED.format(work=work)
    found = subprocess.run([sys.executable, "-c", script, folder], check=True, capture_output=True, text=True)
    seconds, peak = map(float, found.stdout.split())
    return seconds, peak


def write_batch(folder: Path) -> None:
    """Write a baseline and a batch of a million rows."""
    raw = folder / "raw"
    raw.mkdir()
    example_tables(raw)
    prepared = examples_in(raw, MODEL)
    splits = split_by_time(Examples(prepared.examples.frame.drop_nulls("label")), Split())
    profile = profile_of(
        MODEL,
        splits,
        data_fingerprint=prepared.data_fingerprint,
        raw_rows=prepared.raw_rows,
        unlabelled_rows=0,
    ).with_score(splits["validation"].label.astype(float))
    (folder / "profile.json").write_text(profile.model_dump_json(), encoding="utf-8")
    frame = prepared.examples.frame
    Examples(pl.concat([frame] * (ROWS // len(frame) + 1))[:ROWS]).write(folder / "batch")


def main() -> None:
    """Run both in turn and print the best of each, and the ratio."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        # In a process of its own: the peak of a process counts from that of the one that started it.
        subprocess.run([sys.executable, __file__, folder], check=True)
        works = {"imports": "", "read the rows": READ, "read and measure": READ + MEASURE}
        best = {name: (float("inf"), float("inf")) for name in works}
        for _ in range(RUNS):
            for name, work in works.items():
                seconds, peak = cost(folder, work)
                best[name] = min(best[name][0], seconds), min(best[name][1], peak)
    for name, (seconds, peak) in best.items():
        print(f"{name}: {seconds:.2f} s, {peak:.0f} MB")
    read, both = best["read the rows"], best["read and measure"]
    print(
        f"drift of {ROWS:,} rows over {len(MODEL.features)} features: {both[0] - read[0]:.2f} s, "
        f"{both[0] / read[0]:.1f} times the time and {both[1] / read[1]:.2f} times the memory of reading them"
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        write_batch(Path(sys.argv[1]))
    else:
        main()
