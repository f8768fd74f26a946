# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Which flights arrive late?
#
# Every flight that left New York City in 2013. What is known before departure: schedule, route, carrier, plane,
# and the weather of the hour. The question is whether that tells who arrives more than 15 minutes late.
#
# The raw tables come from S3, from the local AWS or a real account alike: `make up data` puts them there.

# %%
from pathlib import Path
from tempfile import TemporaryDirectory

import altair as alt
import polars as pl
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from flights import MODEL
from headrace.examples import Examples
from headrace.metrics import metrics_of
from headrace.prepare import examples_of, split_by_time
from headrace.settings import Split
from headrace.tables import read_tables
from headrace_aws.config.project import load_project
from headrace_aws.naming import data_bucket
from headrace_aws.session import aws_session

ENVIRONMENT, MODEL_NAME = "local", "flights"

# %%
project = load_project()
s3 = aws_session(project, ENVIRONMENT).client("s3")
bucket = data_bucket(project, project.environment(ENVIRONMENT))
with TemporaryDirectory() as folder:
    for item in s3.list_objects_v2(Bucket=bucket, Prefix=f"{MODEL_NAME}/raw/", Delimiter="/")["Contents"]:
        s3.download_file(bucket, item["Key"], str(Path(folder, Path(item["Key"]).name)))
    tables = read_tables(Path(folder), MODEL.tables)
{name: table.shape for name, table in tables.items()}

# %% [markdown]
# The tables have passed the schema's checks: types, ranges, keys. One flight in four is late:

# %%
flights = tables["flights"].with_columns(late=pl.col("arr_delay") > 15)
print(
    f"{flights['late'].mean():.1%} of {flights['late'].count():,} flights are late, "
    f"{flights['late'].null_count():,} never arrived"
)

# %% [markdown]
# ## The day fills up with delay
#
# The hour of departure tells most. A plane that is late in the morning is late all day.


# %%
def late_by(column: str, rows: pl.DataFrame = flights) -> pl.DataFrame:
    """Return the share of late flights, and the flights, for each value of a column."""
    return (
        rows.drop_nulls("late")
        .group_by(column)
        .agg(late=pl.col("late").mean(), flights=pl.len())
        .sort(column)
    )


alt.Chart(late_by("hour").filter(pl.col("flights") > 100)).mark_bar().encode(
    x=alt.X("hour:O", title="scheduled hour of departure, local"),
    y=alt.Y("late:Q", title="late", axis=alt.Axis(format="%")),
)

# %% [markdown]
# ## Season is a trap
#
# Months differ much: summer storms, quiet autumn. But there is one of each, so a model that sees the month learns
# last summer by heart, and is wrong about the next December. The features leave month and day of year out.

# %%
alt.Chart(late_by("month")).mark_line(point=True).encode(
    x="month:O", y=alt.Y("late:Q", title="late", axis=alt.Axis(format="%"))
)

# %% [markdown]
# ## Rain, wind and sight
#
# Weather acts one way: more rain, more wind, less sight, later flights. The model may be told so (`monotone`).

# %%
weather = flights.join(tables["weather"], on=["origin", "time_hour"], how="left")
late_by("visib", weather.with_columns(pl.col("visib").round())).tail(11)

# %% [markdown]
# One wind speed is 1,048 miles an hour: a broken sensor. The schema lets it in, `load` takes it for missing.

# %%
tables["weather"].filter(pl.col("wind_speed") > 250).select("origin", "time_hour", "wind_speed")

# %% [markdown]
# ## A first model
#
# Logistic regression over the project's own features, trained on the past and scored on what came after. Random
# splits would let a flight's neighbours of the same storm into the training data, and flatter the model.
# The last fifth of the year stays closed here: it judges the model that is shipped.

# %%
examples = examples_of(MODEL, tables)
parts = split_by_time(Examples(examples.frame.drop_nulls("label")), Split())
categories = [feature.name for feature in MODEL.features if feature.kind == "category"]
numbers = [feature.name for feature in MODEL.features if feature.kind == "number"]
first_model = make_pipeline(
    make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), categories),
        (make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), numbers),
    ),
    LogisticRegression(C=0.01, max_iter=500),
)
first_model.fit(parts["train"].features, parts["train"].label)

# %%
validation = parts["validation"]
score = first_model.predict_proba(validation.features)[:, 1]
metrics_of(validation.label, score)

# %% [markdown]
# It ranks well above chance. From here, `src/flights/` takes over: boosted trees on the same features, as jobs.
# `make run` trains them, and the report tells whether they are better than this.
