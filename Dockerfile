# The one image of the project: every job runs in it, with the command that the state machine gives.
# `make release` builds it; what installs is left behind in the first stage.

# Dependabot raises the digest.
FROM python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b AS base
# XGBoost's and scikit-learn's wheels carry their own OpenMP; nothing of Debian is added. pip is for the builder alone.
ENV PYTHONUNBUFFERED=1
WORKDIR /opt/program

FROM base AS builder
# Before the code, so that a change of code does not install anew.
COPY requirements/jobs.txt requirements/
RUN python -m venv --without-pip /opt/venv \
    && python -m pip --python /opt/venv/bin/python install --no-cache-dir --disable-pip-version-check --no-compile \
        --require-hashes --requirement requirements/jobs.txt \
    && python -m compileall -q --invalidation-mode unchecked-hash /opt/venv/lib
COPY packages/headrace/src/ src/
COPY src/ src/
# By hash: the time of a file is not what bytecode may depend on, since the release sets it to that of the commit.
RUN python -m compileall -q --invalidation-mode unchecked-hash src

FROM base
RUN python -m pip uninstall --quiet --yes --root-user-action ignore pip setuptools wheel
COPY --from=builder /opt/venv /opt/venv
COPY --from=builder /opt/program/src src
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/opt/program/src

# Root, as SageMaker wants it: /opt/ml is mounted as root's, and jobs write there; AWS asks for root in containers that
# serve. The job's own role, its network and its isolation are what confines it.
# Last, as it is another in every commit.
ARG COMMIT=unknown
ENV HEADRACE_IMAGE_COMMIT=$COMMIT
LABEL org.opencontainers.image.revision=$COMMIT
