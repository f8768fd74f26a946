"""The features: stateless expressions over one row, equal for training and serving, on Polars and on Spark."""

import narwhals as nw

from headrace.features import Feature, category, number

MINUTES_A_DAY = 24 * 60

# Scheduled times are local clock times such as 1745.
DEPARTURE = nw.col("hour") * 60 + nw.col("minute")
ARRIVAL = (nw.col("sched_arr_time") // 100) * 60 + nw.col("sched_arr_time") % 100

FEATURES: tuple[Feature, ...] = (
    category("carrier"),
    category("origin"),
    category("dest"),
    number("departure", DEPARTURE),
    number("duration", (ARRIVAL - DEPARTURE) % MINUTES_A_DAY),
    number("distance"),
    number("weekday", nw.col("time_hour").dt.weekday()),
    number("plane_age", nw.col("year") - nw.col("plane_year")),
    number("seats"),
    number("temp"),
    number("dewp"),
    number("humid"),
    number("wind_dir"),
    number("wind_speed"),
    number("wind_gust"),
    number("precip"),
    number("pressure"),
    number("visib"),
)
