# Headrace: `make` lists what there is. Each recipe names one command; the work is done in Python.
# Knobs are given on the command line only: a variable of the shell with the name of one is another program's.
KNOBS := ENV PIPELINE MODEL HYPERPARAMETERS INPUT FROM JOB RUN MODEL_PACKAGE STATUS SINCE LIMIT EXPORT REASON RELEASE IMAGE \
	MANIFEST WAIT IAM PULL CONFIRM ALL UPGRADE BASE NAME TESTS PACKAGE
# Whatever is given is text: make expands none of it, and the recipes name it to the shell as a variable.
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
$(foreach name,$(GIVEN),$(eval override $(name) := $$(value $(name))))
export $(GIVEN)
$(if $(findstring e,$(firstword -$(MAKEFLAGS))),$(error make -e puts variables of the shell in place of the Makefile's; leave -e out, of MAKEFLAGS too))
include requirements/shell.mk
# What is given for a knob; an option of a command where it is; and a knob that has to be.
given = $(if $(filter $(1),$(GIVEN)),$(value $(1)),$(if $(filter environment,$(origin $(1))),$(warning the shell's variable $(1) is not read; write it behind make: make $@ $(1)=...)))
opt = $(if $(call given,$(1)),--$(2)="$$$(1)")
need = $(if $(call given,$(1)),"$$$(1)",$(error $(1)=$(2)))
WHERE = $(call opt,ENV,env) $(call opt,MODEL,model)
WHICH = $(WHERE) $(call opt,PIPELINE,pipeline)
# The first Python that is new enough; `make PYTHON=/path/to/python` names another.
IS_NEW_ENOUGH := 'import sys; sys.exit(sys.version_info < (3, 11, 4))'
FIRST = $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(if $(shell $(name) -E -c $(IS_NEW_ENOUGH) 2>/dev/null && echo yes),$(name))) false)
CHOSEN = $(if $(filter PYTHON,$(GIVEN)),"$$PYTHON",$(FIRST))
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
# The file `ready` names the folder: an environment of another one, an older version, or a Python that is gone is made anew.
PACKAGES := $(wildcard packages/headrace packages/headrace-local packages/headrace-aws) .
MADE_ELSEWHERE := $(shell for made in .venv*/ready; do test ! -e $$made || { test -x $${made%ready}bin/python && test "$$(cat $$made)" = "$$(pwd -P)"; } || echo $$made; done)
PYTEST = $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder
.DEFAULT_GOAL := help
.PHONY: $(shell sed -nE 's/^([a-z-]+):.*/\1/p' Makefile) $(MADE_ELSEWHERE)
help: ## List the targets.
	@sed -nE 's/^##@ (.*)/\n\1/p; s/^([a-z-]+):.*## (.*)/\1\t\2/p' Makefile | awk -F '\t' '{ if (NF > 1) printf "  %-17s%s\n", $$1, $$2; else print }'
	@printf '\nKnobs are given as ENV=dev RUN=execution ...; `.venv/bin/headrace <command> --help` tells what each means.\n'

##@ Start here
demo: up ## Run the main job on the local AWS: deploy, put the raw data, train on all of it.
	@$(BIN)/headrace deploy --env local $(call opt,MODEL,model)
	@$(BIN)/headrace data --env local $(call opt,MODEL,model) $(call opt,FROM,from)
	@$(BIN)/headrace run --env local $(call opt,MODEL,model) && $(BIN)/headrace local save
test: $(READY) ## Test what you own: models, pipelines, stacks, workflows; TESTS=path for a part.
	@$(PYTEST) $(if $(call given,TESTS),$$TESTS,tests)
setup: $(READY) ## Make the environment .venv from the locked requirements. Every other target does so by itself.
$(VENV)/ready: requirements/uv.txt requirements/dev.txt $(wildcard packages/*/pyproject.toml) pyproject.toml
	@$(CHOSEN) -E -c $(IS_NEW_ENOUGH) 2>/dev/null || { echo "error: Python 3.11.4 or newer is needed, found: $$($(if $(filter PYTHON,$(GIVEN)),"$$PYTHON",python3) -EV 2>&1 | head -1); install one, or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(CHOSEN) requirements/environment.py $(VENV) requirements/dev.txt $(PACKAGES)
.venv-%/ready: requirements/%.txt | $(READY)
	@$(CHOSEN) requirements/environment.py .venv-$* $< $(if $(filter notebooks,$*),$(PACKAGES))
##@ 1 Explore the data, a first model
notebooks: .venv-notebooks/ready ## Open JupyterLab, in an environment of its own.
	@.venv-notebooks/bin/jupyter lab notebooks
data: $(READY) ## Put raw tables into the data bucket of ENV: those in the folder FROM, or the example's.
	@$(BIN)/headrace data $(WHERE) $(call opt,FROM,from)
##@ 3 Define the pipelines
pipeline: $(READY) ## Create the pipeline NAME: its file, its role and its state machine.
	@$(BIN)/headrace pipeline create $(call need,NAME,name of the pipeline is missing)
render: $(READY) ## Render the pipelines into dist/definitions/.
	@$(BIN)/headrace render
definitions-diff: $(READY) ## Show what changed in the definitions since BASE, origin/main, as Markdown.
	@$(BIN)/headrace definitions-diff $(call opt,BASE,base)
graph: $(READY) ## Draw the pipelines into docs/pipelines/.
	@$(BIN)/headrace draw
schema: $(READY) ## Print the JSON schema of project.toml.
	@$(BIN)/headrace schema
##@ 4 Create them
up: $(READY) ## Start the local AWS, and print how to reach it; IAM=enforce subjects roles to their policies.
	@$(BIN)/headrace local up $(call opt,IAM,iam)
down: $(READY) ## Stop the local AWS; it keeps its state.
	@$(BIN)/headrace local down
status: $(READY) ## Tell whether the local AWS runs.
	@$(BIN)/headrace local status
reset: $(READY) ## Stop the local AWS and forget its state.
	@$(BIN)/headrace local reset
deploy: $(READY) ## Deploy RELEASE, a folder or an id, to ENV; to the local AWS the work tree.
	@$(BIN)/headrace deploy $(WHERE) $(call opt,RELEASE,release) $(call opt,MANIFEST,manifest) $(call opt,WAIT,wait)
destroy: $(READY) ## Take everything in ENV away for good, after asking for its name, or with CONFIRM=name; ALL=1 the bootstrap stack too.
	@$(BIN)/headrace destroy $(call opt,ENV,env) $(call opt,CONFIRM,confirm) $(if $(call given,ALL),--all)
##@ 5 Run them
run: $(READY) ## Run PIPELINE of MODEL, or of MODEL=all, in ENV, and show it live; HYPERPARAMETERS and INPUT are JSON or files.
	@$(BIN)/headrace run $(WHICH) $(call opt,HYPERPARAMETERS,hyperparameters) $(call opt,INPUT,input) $(call opt,WAIT,wait)
follow: $(READY) ## Watch the execution RUN.
	@$(BIN)/headrace follow $(WHICH) $(call need,RUN,execution is missing; a run says its name in its first line)
stop: $(READY) ## Stop the execution RUN, and its job.
	@$(BIN)/headrace stop $(WHICH) $(call need,RUN,execution is missing; a run says its name in its first line)
interrupt: $(READY) ## Take the spot machine of the training job JOB away, on the local AWS: it resumes from its checkpoint.
	@$(BIN)/headrace local interrupt $(call need,JOB,job is missing; `make report RUN=...` names the jobs of a run)
report: $(READY) ## Write the report of the execution RUN: its graph, times, jobs and their reports, as one page.
	@$(BIN)/headrace report $(WHICH) --run=$(call need,RUN,execution is missing; `make runs` lists them)
logs: $(READY) ## Print the logs of JOB, of all jobs of the execution RUN, or of the newest job.
	@$(BIN)/headrace logs $(WHERE) $(call opt,JOB,job) $(call opt,RUN,execution) $(call opt,PIPELINE,pipeline)
runs: $(READY) ## List the runs, the newest first: of PIPELINE, with STATUS, SINCE a day, LIMIT so many, into the file EXPORT.
	@$(BIN)/headrace runs $(WHICH) $(call opt,STATUS,status) $(call opt,SINCE,since) $(call opt,LIMIT,limit) $(call opt,EXPORT,export)
compare: $(READY) ## Compare runs side by side: RUN=a,b.
	@$(BIN)/headrace compare $(WHERE) --run=$(call need,RUN,two executions are missing; `make runs` lists the runs)
lineage: $(READY) ## Print what MODEL_PACKAGE was made from, down to raw objects and commit; the newest approved one by default.
	@$(BIN)/headrace lineage $(WHERE) $(call opt,MODEL_PACKAGE,model-package)
approve: $(READY) ## Approve MODEL_PACKAGE, by default the newest that waits, for a REASON.
	@$(BIN)/headrace approve $(WHERE) $(call opt,MODEL_PACKAGE,model-package) $(call opt,REASON,reason)
reject: $(READY) ## Reject MODEL_PACKAGE, by default the newest that waits, for a REASON.
	@$(BIN)/headrace reject $(WHERE) $(call opt,MODEL_PACKAGE,model-package) $(call opt,REASON,reason)
##@ 6 Carry them to production, and let them run by themselves
fire: $(READY) ## Start PIPELINE, by default inference, as its schedule would.
	@$(BIN)/headrace trigger $(WHICH)
bootstrap: $(READY) ## Prepare the account of ENV, once, as its administrator: GitHub's way in, roles, bucket, repository.
	@$(BIN)/headrace bootstrap $(call opt,ENV,env)
release: $(READY) ## Build a release of the commit that is checked out, with its image or with IMAGE, into dist/release.
	@$(BIN)/headrace release build $(call opt,IMAGE,image)
releases: $(READY) ## List the releases that were deployed to ENV, the newest first.
	@$(BIN)/headrace release list $(WHERE)
plan: $(READY) ## Tell what a deploy to ENV would change, without changing anything; the whole goes to dist/plan.md.
	@$(BIN)/headrace plan $(WHERE) $(call opt,PULL,pull)
smoke: $(READY) ## Check that what is deployed in ENV is the release, and scores as it should.
	@$(BIN)/headrace smoke $(WHERE) $(call opt,RELEASE,release)
rollback: $(READY) ## Put the former release back in ENV, for a REASON; with RELEASE only if that is the last one.
	@$(BIN)/headrace rollback $(WHERE) $(call opt,RELEASE,release) $(call opt,REASON,reason) $(call opt,WAIT,wait)
preview: $(READY) ## Train and judge the models of pull request PULL in ENV, from RELEASE; the verdict goes to dist/preview.md.
	@$(BIN)/headrace preview create $(WHERE) --pull=$(call need,PULL,number of the pull request is missing) $(call opt,RELEASE,release)
drift: $(READY) ## Tell what was changed by hand in the stacks of ENV; it goes to dist/drift.md.
	@$(BIN)/headrace drift $(call opt,ENV,env)
##@ Keep it sound
check: format-check lint types definitions graphs cfn workflows locks ## Run every check: the next eight.
format-check: $(READY) ## Check the format with black.
	@$(BIN)/black --check --quiet --diff .
lint: $(READY) ## Lint with ruff.
	@$(BIN)/ruff check --quiet .
types: $(READY) ## Check the types with mypy.
	@$(BIN)/mypy --no-error-summary
definitions: $(READY) ## Check the definitions of the pipelines: valid states, right AWS parameters.
	@$(BIN)/headrace check
graphs: $(READY) ## Check that the pipelines are drawn as they are.
	@$(BIN)/headrace draw --check
cfn: $(READY) ## Check the CloudFormation templates with cfn-lint.
	@$(BIN)/cfn-lint --config-file .cfnlintrc
workflows: $(READY) ## Check the workflows with actionlint and zizmor.
	@$(BIN)/actionlint -shellcheck= -pyflakes= && $(BIN)/zizmor --offline --no-progress --quiet --pedantic .github
locks: $(READY) ## Check that requirements/*.txt are what requirements/*.in ask for, and packages/ the template's.
	@$(BIN)/python requirements/lock.py --check && $(BIN)/headrace packages
lock: $(READY) ## Resolve requirements/*.in into requirements/*.txt; UPGRADE=1 takes newer versions.
	@$(BIN)/python requirements/lock.py $(if $(call given,UPGRADE),--upgrade)
format: $(READY) ## Format the code with black, and mend what ruff can.
	@$(BIN)/ruff check --quiet --fix-only . && $(BIN)/black --quiet .
security: .venv-security/ready ## Look for insecure settings in the stacks with checkov, in an environment of its own.
	@.venv-security/bin/checkov --directory infra/stacks --framework cloudformation --compact --quiet --skip-download
test-packages: $(READY) ## Test the packages of the template, or PACKAGE=headrace-local: for those who change packages/.
	@$(PYTEST) $(if $(call given,PACKAGE),"packages/$$PACKAGE",packages) --ignore packages/headrace-aws/tests/clients
clients: $(READY) .venv-notebooks/ready ## Test the AWS command line and the SageMaker SDK against the local AWS, in the notebooks' environment.
	@$(PYTEST) packages/headrace-aws/tests/clients
hooks: $(READY) ## Let git run the checks before each commit.
	@$(BIN)/pre-commit install
clean: ## Remove environments, caches, fetched reports and what was built. The state of the local AWS stays: see reset.
	@rm -rf .venv .venv-* .cache .tox runs dist
