# Headrace: `make` lists what there is. Python does the work; a recipe here only names it.

ENV ?= local
MODEL ?=
PIPELINE ?= training
HYPERPARAMETERS ?=
INPUT ?=
FROM ?=
JOB ?=
RUN ?=
MODEL_PACKAGE ?=
STATUS ?=
SINCE ?=
LIMIT ?=
EXPORT ?=
REASON ?=
RELEASE ?=
IMAGE ?=
MANIFEST ?=
WAIT ?=
IAM ?=
ROLE ?= deploy
PULL ?=
CONFIRM ?=
ALL ?=
UPGRADE ?=
SECTION ?=
TITLE ?=
FILE ?=

# The first Python that is new enough; `make PYTHON=/path/to/python` names another.
PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(if $(shell $(name) -c $(IS_NEW_ENOUGH) 2>/dev/null && echo yes),$(name))))
IS_NEW_ENOUGH := 'import sys; sys.exit(sys.version_info < (3, 11))'

VENV := .venv
NOTEBOOKS := .venv-notebooks
SECURITY := .venv-security
BIN ?= $(VENV)/bin
READY ?= $(VENV)/ready
# What a person or a workflow gives is read by the shell as a variable, and never expanded by make: no text of it is
# run as a command.
export ENV PIPELINE ROLE
MODEL_OPTION = $(if $(value MODEL),--model "$$MODEL")
WHERE = --env "$$ENV" $(MODEL_OPTION)
INFRA_RUN = $(BIN)/python -m infra.run $(WHERE) --pipeline "$$PIPELINE"

# Installs a lock into an environment, and puts the project's own code on its path; the file `ready` tells make.
SYNC = $(VENV)/bin/uv pip sync --quiet --require-hashes --compile-bytecode --python $(1)/bin/python $(2) \
	&& printf '%s\n' '$(CURDIR)/src' '$(CURDIR)' > "$$($(1)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/headrace.pth" \
	&& touch $(1)/ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test clients check format format-check lint types definitions cfn workflows security locks lock render schema \
	graph graphs up down status interrupt logs reset data bootstrap release release-id plan deploy releases smoke rollback preview preview-remove preview-sweep drift destroy run follow stop report fire runs compare lineage approve reject \
	notebooks settings comment issue pull-request promoted-id hooks clean

help: ## List the targets.
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' Makefile | while IFS="$$(printf '\t')" read -r name text; do printf '  %-14s %s\n' "$$name" "$$text"; done
	@printf '\nKnobs: ENV=%s MODEL=<the only one> PIPELINE=%s HYPERPARAMETERS=file.json|best INPUT=file.json\n       FROM=folder JOB=job RUN=execution MODEL_PACKAGE=version STATUS=status SINCE=7d LIMIT=20 EXPORT=file.csv|file.parquet\n       REASON=text IAM=enforce RELEASE=folder|id IMAGE=sha256:... WAIT=minutes PULL=number OPEN=1,2\n       CONFIRM=environment ALL=1 ROLE=role SECTION=name TITLE=text FILE=file UPGRADE=1\n' "$$ENV" "$$PIPELINE"

setup: $(READY) ## Make the environment .venv from the locked requirements. Every other target does so by itself.

$(VENV)/ready: requirements/uv.txt requirements/dev.txt
	@$(or $(PYTHON),false) -c $(IS_NEW_ENOUGH) 2>/dev/null || { echo "error: Python 3.11 or newer is needed; install it, or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	@echo "Setting up $(VENV) with $(PYTHON) ..." >&2 && $(PYTHON) -m venv $(VENV) && $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(call SYNC,$(VENV),requirements/dev.txt)

demo: up ## Run the main job on the local AWS: deploy, put the raw data, train on all of it.
	@$(BIN)/python -m infra.deploy --env local $(MODEL_OPTION)
	@$(BIN)/python -m infra.raw_data --env local $(MODEL_OPTION) $(if $(value FROM),--from "$$FROM")
	@$(BIN)/python -m infra.run --env local $(MODEL_OPTION) --pipeline training

test: $(READY) ## Run all tests, on the local AWS where AWS is needed.
	@$(BIN)/python -m pytest --ignore tests/clients --numprocesses 2 --dist loadgroup

clients: $(READY) $(NOTEBOOKS)/ready ## Run the tests of the AWS command line and the SageMaker SDK, in the notebooks' environment.
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile tests/clients

check: format-check lint types definitions graphs cfn workflows locks ## Run every check: format, lint, types, definitions, graphs, stacks, workflows, locks.

format: $(READY) ## Format the code with black, and mend what ruff can.
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/black --quiet .

format-check: $(READY) ## Check the format with black.
	@$(BIN)/black --check --quiet --diff .

lint: $(READY) ## Lint with ruff.
	@$(BIN)/ruff check --quiet .

types: $(READY) ## Check the types with mypy.
	@$(BIN)/mypy --no-error-summary

definitions: $(READY) ## Check the rendered definitions: fresh, valid states, right AWS parameters.
	@$(BIN)/python -m pipelines.render --check
	@$(BIN)/python -m pipelines.checks

graphs: $(READY) ## Check that the pipelines are drawn as they are.
	@$(BIN)/python -m pipelines.graph --check

cfn: $(READY) ## Check the CloudFormation templates with cfn-lint.
	@$(BIN)/cfn-lint

workflows: $(READY) ## Check the workflows with actionlint and zizmor.
	@$(BIN)/actionlint
	@$(BIN)/zizmor --offline --no-progress --quiet --pedantic .github

security: $(SECURITY)/ready ## Look for insecure settings in the stacks with checkov, in an environment of its own.
	@$(SECURITY)/bin/checkov --directory infra/stacks --framework cloudformation --compact --quiet --skip-download

locks: $(READY) ## Check that requirements/*.txt are what requirements/*.in ask for.
	@$(BIN)/python requirements/lock.py --check

lock: $(READY) ## Resolve requirements/*.in into requirements/*.txt; UPGRADE=1 takes newer versions.
	@$(BIN)/python requirements/lock.py $(if $(value UPGRADE),--upgrade)

render: $(READY) ## Render the pipelines into pipelines/definitions/.
	@$(BIN)/python -m pipelines.render

graph: $(READY) ## Draw the pipelines into docs/pipelines/.
	@$(BIN)/python -m pipelines.graph

schema: $(READY) ## Print the JSON schema of project.toml.
	@$(BIN)/python -m pipelines.project

up: $(READY) ## Start the local AWS, and print how to reach it; IAM=enforce subjects roles to their policies.
	@$(BIN)/python -m infra.local up $(if $(value IAM),--iam "$$IAM")

down: $(READY) ## Stop the local AWS; it keeps its state.
	@$(BIN)/python -m infra.local down

status: $(READY) ## Tell whether the local AWS runs.
	@$(BIN)/python -m infra.local status

interrupt: $(READY) ## Take the spot machine of the training job JOB away, on the local AWS: it resumes from its checkpoint.
	@$(BIN)/python -m infra.local.interrupt $(if $(value JOB),"$$JOB",$(error JOB=job is missing; `make report RUN=...` names the jobs of a run))

reset: $(READY) ## Stop the local AWS and forget its state.
	@$(BIN)/python -m infra.local reset

deploy: $(READY) ## Deploy RELEASE, a folder or an id, to ENV; to the local AWS the work tree.
	@$(BIN)/python -m infra.deploy $(WHERE) $(if $(value RELEASE),--release "$$RELEASE") $(if $(value MANIFEST),--manifest "$$MANIFEST") $(if $(value WAIT),--wait "$$WAIT")

bootstrap: $(READY) ## Prepare the account of ENV, once, as its administrator: GitHub's way in, roles, bucket, repository.
	@$(BIN)/python -m infra.bootstrap --env "$$ENV"

release: $(READY) ## Build a release of the commit that is checked out, with its image or with IMAGE, into dist/release.
	@$(BIN)/python -m infra.release build $(if $(value IMAGE),--image "$$IMAGE")

release-id: $(READY) ## Print the id of the release in dist/release, as a workflow's step takes it.
	@$(BIN)/python -m infra.release id

releases: $(READY) ## List the releases that were deployed to ENV, the newest first.
	@$(BIN)/python -m infra.release list $(WHERE)

smoke: $(READY) ## Check that what is deployed in ENV is the release, and scores as it should.
	@$(BIN)/python -m infra.smoke $(WHERE) $(if $(value RELEASE),--release "$$RELEASE")

rollback: $(READY) ## Put the former release back in ENV, for a REASON; with RELEASE only if that is the last one.
	@$(BIN)/python -m infra.rollback $(WHERE) $(if $(value RELEASE),--release "$$RELEASE") $(if $(value REASON),--reason "$$REASON") $(if $(value WAIT),--wait "$$WAIT")

plan: $(READY) ## Tell what a deploy to ENV would change, without changing anything; the whole goes to dist/plan.md.
	@$(BIN)/python -m infra.plan $(WHERE) $(if $(value PULL),--pull "$$PULL")

preview: $(READY) ## Train and judge the models of pull request PULL in ENV, from RELEASE; the verdict goes to dist/preview.md.
	@$(BIN)/python -m infra.preview make $(WHERE) --pull $(if $(value PULL),"$$PULL",$(error PULL=number of the pull request is missing)) $(if $(value RELEASE),--release "$$RELEASE")

preview-remove: $(READY) ## Remove the preview of pull request PULL in ENV, with everything in it.
	@$(BIN)/python -m infra.preview remove $(WHERE) --pull $(if $(value PULL),"$$PULL",$(error PULL=number of the pull request is missing))

preview-sweep: $(READY) ## Remove the previews in ENV whose pull request is closed: asks GitHub, or takes OPEN=12,13.
	@$(BIN)/python -m infra.preview sweep $(WHERE) $(if $(filter undefined,$(origin OPEN)),,--open "$$OPEN")

drift: $(READY) ## Tell what was changed by hand in the stacks of ENV; it goes to dist/drift.md.
	@$(BIN)/python -m infra.stack_drift --env "$$ENV"

destroy: $(READY) ## Take everything in ENV away for good, after asking for its name, or with CONFIRM=name; ALL=1 the bootstrap stack too.
	@$(BIN)/python -m infra.destroy --env "$$ENV" $(if $(value CONFIRM),--confirm "$$CONFIRM") $(if $(value ALL),--all)

data: $(READY) ## Put raw tables into the data bucket of ENV: those in the folder FROM, or the example's.
	@$(BIN)/python -m infra.raw_data $(WHERE) $(if $(value FROM),--from "$$FROM")

run: $(READY) ## Run PIPELINE of MODEL, or of MODEL=all, in ENV, and show it live.
	@$(INFRA_RUN) $(if $(value HYPERPARAMETERS),--hyperparameters "$$HYPERPARAMETERS") $(if $(value INPUT),--input "$$INPUT") $(if $(value WAIT),--wait "$$WAIT")

follow: $(READY) ## Watch the execution RUN.
	@$(INFRA_RUN) --follow $(if $(value RUN),"$$RUN",$(error RUN=execution is missing; a run says its name in its first line))

stop: $(READY) ## Stop the execution RUN, and its job.
	@$(INFRA_RUN) --stop $(if $(value RUN),"$$RUN",$(error RUN=execution is missing; a run says its name in its first line))

report: $(READY) ## Write the report of the execution RUN: its graph, times, jobs and their reports, as one page.
	@$(BIN)/python -m infra.run_report $(WHERE) --pipeline "$$PIPELINE" --run $(if $(value RUN),"$$RUN",$(error RUN=execution is missing; `make runs` lists them))

fire: $(READY) ## Start PIPELINE, by default inference, as its schedule would.
	@$(BIN)/python -m infra.fire $(WHERE) $(if $(filter command line,$(origin PIPELINE)),--pipeline "$$PIPELINE")

runs: $(READY) ## List the runs, the newest first: of PIPELINE, with STATUS, SINCE a day, into the file EXPORT.
	@$(BIN)/python -m infra.records list $(WHERE) $(if $(filter command line,$(origin PIPELINE)),--pipeline "$$PIPELINE") $(if $(value STATUS),--status "$$STATUS") $(if $(value SINCE),--since "$$SINCE") $(if $(value LIMIT),--limit "$$LIMIT") $(if $(value EXPORT),--export "$$EXPORT")

compare: $(READY) ## Compare runs side by side: RUN=a,b.
	@$(BIN)/python -m infra.records compare $(WHERE) --run $(if $(value RUN),"$$RUN",$(error RUN=a,b is missing; `make runs` lists the runs))

lineage: $(READY) ## Print what MODEL_PACKAGE was made from, down to raw objects and commit; the newest approved one by default.
	@$(BIN)/python -m infra.records lineage $(WHERE) $(if $(value MODEL_PACKAGE),--model-package "$$MODEL_PACKAGE")

approve: $(READY) ## Approve MODEL_PACKAGE, by default the newest that waits, for a REASON.
	@$(BIN)/python -m infra.approval approve $(WHERE) $(if $(value MODEL_PACKAGE),--model-package "$$MODEL_PACKAGE") $(if $(value REASON),--reason "$$REASON")

reject: $(READY) ## Reject MODEL_PACKAGE, by default the newest that waits, for a REASON.
	@$(BIN)/python -m infra.approval reject $(WHERE) $(if $(value MODEL_PACKAGE),--model-package "$$MODEL_PACKAGE") $(if $(value REASON),--reason "$$REASON")

logs: $(READY) ## Print the logs of JOB, of all jobs of the execution RUN, or of the newest job.
	@$(BIN)/python -m infra.logs $(WHERE) $(if $(value JOB),--job "$$JOB") $(if $(value RUN),--execution "$$RUN" --pipeline "$$PIPELINE")

notebooks: $(NOTEBOOKS)/ready ## Open JupyterLab, in an environment of its own.
	@$(NOTEBOOKS)/bin/jupyter lab notebooks

$(NOTEBOOKS)/ready: requirements/notebooks.txt | $(READY)
	@$(PYTHON) -m venv $(NOTEBOOKS)
	@$(call SYNC,$(NOTEBOOKS),requirements/notebooks.txt)

$(SECURITY)/ready: requirements/security.txt | $(READY)
	@$(PYTHON) -m venv $(SECURITY)
	@$(call SYNC,$(SECURITY),requirements/security.txt)

settings: $(READY) ## Print account, region and ROLE of ENV, as a workflow's step takes them.
	@$(BIN)/python -m infra.settings --env "$$ENV" --role "$$ROLE"

comment: $(READY) ## Write FILE as the SECTION of the comment of pull request PULL.
	@$(BIN)/python -m infra.github comment --pull "$$PULL" --section "$$SECTION" --file "$$FILE"

issue: $(READY) ## Open an issue TITLE that holds FILE, or comment on the open one of that title.
	@$(BIN)/python -m infra.github issue --title "$$TITLE" $(if $(wildcard $(value FILE)),--file "$$FILE")

promoted-id: $(READY) ## Print the id of the release that a merge brought to the branch production, as a workflow's step takes it.
	@$(BIN)/python -m infra.promoted

pull-request: $(READY) ## Open or update the release pull request TITLE, from main to production.
	@$(BIN)/python -m infra.github pull-request --base production --head main --title "$$TITLE"

hooks: $(READY) ## Let git run the checks before each commit.
	@$(BIN)/pre-commit install

clean: ## Remove environment, caches and fetched reports. The state of the local AWS stays: see reset.
	@rm -rf $(VENV) $(NOTEBOOKS) $(SECURITY) .cache .tox runs
