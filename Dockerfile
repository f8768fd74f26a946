# The one image of the project: every job runs in it, with the command that the state machine gives.
# docker build --build-arg COMMIT=$(git rev-parse HEAD) --tag <account>.dkr.ecr.<region>.amazonaws.com/<project>:<commit> .
FROM python:3.11-slim-bookworm

# XGBoost's and scikit-learn's wheels carry their own OpenMP; nothing of Debian is added.
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUNBUFFERED=1
WORKDIR /opt/program

# Before the code, so that a change of code does not install anew. pip compiles bytecode as it installs.
COPY requirements/jobs.txt requirements/
RUN python -m pip install --require-hashes --requirement requirements/jobs.txt

COPY src/ src/
RUN python -m compileall -q src
ENV PYTHONPATH=/opt/program/src

ARG COMMIT=unknown
LABEL org.opencontainers.image.revision=$COMMIT
