"""The features: stateless expressions over one row, equal for training and serving, on Polars and on Spark.

Month, day of year and temperature are left out on purpose: a year of data cannot tell a season from a trend, and
with them a model is better in the months that it knows and worse in those that come.
"""

import math

import narwhals as nw

from headrace.features import Feature, category, number

MINUTES_A_DAY = 24 * 60
RADIANS = math.pi / 180
NEW_YORK = -5  # hours from UTC, daylight saving apart, as the table of airports gives them

# Scheduled times are local clock times: 1745 is 17:45. Minutes after midnight, each at its own airport:
DEPARTURE = nw.col("hour") * 60 + nw.col("minute")
ARRIVAL = nw.col("sched_arr_time") // 100 * 60 + nw.col("sched_arr_time") % 100
AHEAD = (nw.col("dest_tz").fill_null(NEW_YORK) - NEW_YORK) * 60
DURATION = (ARRIVAL - DEPARTURE - AHEAD) % MINUTES_A_DAY
# What the schedule grants beyond flying at eight miles a minute, and 40 minutes on the ground.
SLACK = DURATION - (40 + nw.col("distance") / 8)

WIND_ANGLE = nw.col("wind_dir") * RADIANS
# ISO weekday, 1 is Monday, of the local day: where the hour in UTC is the smaller one, UTC has the next day. The
# remainder also mends Sunday, which narwhals gives as 0 on Spark.
IS_NEXT_DAY = nw.col("time_hour").dt.hour() < nw.col("hour")
WEEKDAY = (nw.col("time_hour").dt.weekday() + 6 - IS_NEXT_DAY.cast(nw.Int64)) % 7 + 1

FEATURES: tuple[Feature, ...] = (
    category("carrier"),
    category("origin"),
    category("dest"),
    number("weekday", WEEKDAY),
    number("departure", DEPARTURE),
    number("duration", DURATION),
    number("slack", SLACK),
    number("distance"),
    number("plane_age", nw.col("year") - nw.col("plane_year")),
    number("seats"),
    number("dewp"),
    number("humid", monotone=1),
    number("precip", monotone=1),
    number("pressure"),
    number("visib", monotone=-1),
    number("wind_speed", monotone=1),
    number("wind_gust", nw.max_horizontal("wind_gust", "wind_speed"), monotone=1),
    number("wind_east", nw.col("wind_speed") * WIND_ANGLE.sin()),
    number("wind_north", nw.col("wind_speed") * WIND_ANGLE.cos()),
)
