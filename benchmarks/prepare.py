"""What the prepare job costs beside the same work written by hand in Polars: time and peak memory, as ratios.

    python benchmarks/prepare.py

Both read, check nulls, ranges and keys, take fingerprints, join, compute the features, split by time, write Parquet
and profile the training rows, each in a process of its own, imports included. The job does it for any model.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from flights.example_data import example_tables

RUNS = 5

BY_HAND = """
import hashlib
import json
import sys
from pathlib import Path

import polars as pl
import polars.selectors as cs

raw, out = Path(sys.argv[1]), Path(sys.argv[2])
integer, number, text = pl.Int64(), pl.Float64(), pl.String()
TYPES = {
    "flights": dict.fromkeys(("year", "month", "day", "sched_dep_time", "sched_arr_time", "flight", "hour", "minute",
                              "dep_time", "arr_time"), integer)
    | dict.fromkeys(("distance", "dep_delay", "arr_delay", "air_time"), number)
    | dict.fromkeys(("carrier", "tailnum", "origin", "dest", "time_hour"), text),
    "weather": dict.fromkeys(("origin", "time_hour"), text)
    | dict.fromkeys(("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib"),
                    number),
    "planes": {"tailnum": text, "year": integer, "manufacturer": text, "model": text, "seats": integer, "engine": text},
    "airports": {"faa": text, "tz": integer},
}
KEYS = {
    "flights": ["year", "month", "day", "carrier", "flight", "origin"],
    "weather": ["origin", "time_hour"], "planes": ["tailnum"], "airports": ["faa"],
}
tables, digest = {}, hashlib.sha256()
for name, types in TYPES.items():
    file = raw / f"{name}.csv"
    with file.open("rb") as content:
        digest.update(hashlib.file_digest(content, "sha256").digest())
    rows = pl.read_csv(file, columns=list(types), schema_overrides=types, null_values=["", "NA"])
    if "time_hour" in types:
        rows = rows.with_columns(pl.col("time_hour").str.to_datetime("%+", time_unit="us", time_zone="UTC"))
    # The checks: nulls and ranges of every column, then the key.
    rows.select(pl.all().null_count()), rows.select(cs.numeric().min().name.prefix("low "), cs.numeric().max())
    assert rows.n_unique(KEYS[name]) == len(rows)
    tables[name] = rows.lazy()

weather = tables["weather"].with_columns(
    pl.when(pl.col("wind_speed") <= 250).then("wind_speed"), pl.when(pl.col("wind_gust") <= 250).then("wind_gust")
)
planes = tables["planes"].rename({"year": "plane_year"})
airports = tables["airports"].rename({"faa": "dest", "tz": "dest_tz"})
departure = pl.col("hour") * 60 + pl.col("minute")
arrival = pl.col("sched_arr_time") // 100 * 60 + pl.col("sched_arr_time") % 100
duration = (arrival - departure - (pl.col("dest_tz").fill_null(-5) + 5) * 60) % 1440
angle = pl.col("wind_dir").radians()
next_day = (pl.col("time_hour").dt.hour() < pl.col("hour")).cast(pl.Int64)
rows = (
    tables["flights"]
    .join(weather, on=["origin", "time_hour"], how="left")
    .join(planes, on="tailnum", how="left")
    .join(airports, on="dest", how="left")
    .filter(pl.col("arr_delay").is_not_null())
    .sort("time_hour", "carrier", "flight", "origin")
    .select(
        "time_hour", "carrier", "flight", "origin", "dest", "distance", "seats",
        "dewp", "humid", "precip", "pressure", "visib", "wind_speed",
        label=(pl.col("arr_delay") > 15).cast(pl.Int8),
        weekday=(pl.col("time_hour").dt.weekday() + 6 - next_day) % 7 + 1,
        departure=departure, duration=duration, slack=duration - (40 + pl.col("distance") / 8),
        plane_age=pl.col("year") - pl.col("plane_year"),
        wind_gust=pl.max_horizontal("wind_gust", "wind_speed"),
        wind_east=pl.col("wind_speed") * angle.sin(), wind_north=pl.col("wind_speed") * angle.cos(),
    )
    .collect()
)
assert rows.n_unique(["time_hour", "carrier", "flight", "origin"]) == len(rows)
first, second = (rows["time_hour"][round(len(rows) * share)] for share in (0.65, 0.8))
time = pl.col("time_hour")
parts = {
    "train": rows.filter(time < first), "validation": rows.filter(time >= first, time < second),
    "test": rows.filter(time >= second),
}
for name, part in parts.items():
    part.write_parquet(out / f"{name}.parquet")
# The profile of the training rows: deciles and shares of each number, the values of each category.
profile = {"fingerprint": digest.hexdigest()}
for column in parts["train"].drop("time_hour", "label"):
    if column.dtype == pl.String:
        profile[column.name] = column.value_counts(sort=True).head(100).rows()
    else:
        edges = [column.quantile(step / 10) for step in range(11)]
        shares = column.drop_nulls().cast(pl.Float64).hist(sorted(set(edges)))["count"].to_list()
        profile[column.name] = [column.mean(), column.std(), column.null_count(), edges, shares]
(out / "profile.json").write_text(json.dumps(profile, default=str))
"""


def cost(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Return the wall time in seconds and the peak memory in MB of a process."""
    begun = time.perf_counter()
    with subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return time.perf_counter() - begun, _megabytes(usage)


def _megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def main() -> None:
    """Run both in turn and print the best of each, and the ratio."""
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch)
        raw, out, script = base / "processing" / "input" / "raw", base / "out", base / "by_hand.py"
        raw.mkdir(parents=True)
        out.mkdir()
        script.write_text(BY_HAND, encoding="utf-8")
        example_tables(raw)
        commands = {
            "by hand": [sys.executable, str(script), str(raw), str(out)],
            "the job": [sys.executable, "-m", "headrace.jobs.prepare", "--model", "flights"],
        }
        best = {name: (float("inf"), float("inf")) for name in commands}
        for _ in range(RUNS):
            for name, command in commands.items():
                seconds, memory = cost(command, {"SAGEMAKER_BASE_DIR": str(base)})
                best[name] = min(best[name][0], seconds), min(best[name][1], memory)
    for name, (seconds, memory) in best.items():
        print(f"{name}: {seconds:.2f} s, {memory:.0f} MB")
    ratios = [job / hand for job, hand in zip(best["the job"], best["by hand"], strict=True)]
    print(f"the job is {ratios[0]:.2f} times the time and {ratios[1]:.2f} times the memory")


if __name__ == "__main__":
    main()
