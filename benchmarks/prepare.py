"""What the prepare job costs beside the same work written by hand in Polars: time and peak memory, as ratios.

    python benchmarks/prepare.py

Both read, join, compute the features, split by time and write Parquet, each in a process of its own, imports
included. The job beyond that checks every column against the schema, profiles the features, takes fingerprints.
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
import sys
from pathlib import Path

import polars as pl

raw, out = Path(sys.argv[1]), Path(sys.argv[2])
read = {"null_values": ["", "NA"], "infer_schema_length": 0}
flights = pl.scan_csv(raw / "flights.csv", **read).with_columns(
    pl.col("year", "sched_arr_time", "hour", "minute").cast(pl.Int64),
    pl.col("distance", "arr_delay").cast(pl.Float64),
    pl.col("time_hour").str.to_datetime("%+", time_unit="us", time_zone="UTC"),
)
weather = pl.scan_csv(raw / "weather.csv", **read).select(
    "origin",
    pl.col("time_hour").str.to_datetime("%+", time_unit="us", time_zone="UTC"),
    pl.col("dewp", "humid", "precip", "pressure", "visib", "wind_speed", "wind_gust", "wind_dir").cast(pl.Float64),
).with_columns(pl.when(pl.col("wind_speed") <= 250).then("wind_speed"), pl.when(pl.col("wind_gust") <= 250).then("wind_gust"))
planes = pl.scan_csv(raw / "planes.csv", **read).select(
    "tailnum", pl.col("seats").cast(pl.Int64), plane_year=pl.col("year").cast(pl.Int64)
)
airports = pl.scan_csv(raw / "airports.csv", **read).select(dest="faa", dest_tz=pl.col("tz").cast(pl.Int64))
departure = pl.col("hour") * 60 + pl.col("minute")
arrival = pl.col("sched_arr_time") // 100 * 60 + pl.col("sched_arr_time") % 100
duration = (arrival - departure - (pl.col("dest_tz").fill_null(-5) + 5) * 60 + 1680) % 1440 - 240
angle = pl.col("wind_dir").radians()
rows = (
    flights.filter(pl.col("arr_delay").is_not_null())
    .join(weather, on=["origin", "time_hour"], how="left")
    .join(planes, on="tailnum", how="left")
    .join(airports, on="dest", how="left")
    .select(
        "time_hour", "carrier", "flight", "origin", "dest", "distance", "seats",
        "dewp", "humid", "precip", "pressure", "visib", "wind_speed",
        label=(pl.col("arr_delay") > 15).cast(pl.Int8), weekday=pl.col("time_hour").dt.weekday(),
        departure=departure, duration=duration, slack=duration - (40 + pl.col("distance") / 8),
        plane_age=pl.col("year") - pl.col("plane_year"),
        wind_gust=pl.max_horizontal("wind_gust", "wind_speed"),
        wind_east=pl.col("wind_speed") * angle.sin(), wind_north=pl.col("wind_speed") * angle.cos(),
    )
    .sort("time_hour", "carrier", "flight", "origin")
    .collect()
)
first, second = (rows["time_hour"][round(len(rows) * share)] for share in (0.65, 0.8))
time = pl.col("time_hour")
for name, part in {
    "train": rows.filter(time < first), "validation": rows.filter(time >= first, time < second),
    "test": rows.filter(time >= second),
}.items():
    part.write_parquet(out / f"{name}.parquet")
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
