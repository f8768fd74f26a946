"""The commands on definitions: `headrace render` and `headrace check`."""

import argparse
from collections.abc import Iterator, Sequence

from headrace import strict_json
from headrace.arguments import path_argument
from headrace.files import file_text
from headrace_aws import cli
from headrace_aws.asl.checks.findings import Finding
from headrace_aws.asl.checks.parameters import parameters
from headrace_aws.asl.checks.rules import rules
from headrace_aws.asl.checks.structure import structure
from headrace_aws.asl.render import DEFINITIONS, check_models, render, rendered
from headrace_aws.config.project import load_project
from headrace_aws.config.root import project_root
from headrace_local.grammars.asl_shape import faults_of_shape

CHECKS = (structure, parameters, rules)


def render_main(arguments: Sequence[str] | None = None) -> int:
    """Render every pipeline of every model; return the exit status."""
    argparse.ArgumentParser(prog="headrace render", description=__doc__).parse_args(arguments)

    def command() -> int:
        texts = render(load_project(), project_root())
        cli.say(f"{len(texts)} definitions in {DEFINITIONS}/")
        return 0

    return cli.exit_status(command)


def check_main(arguments: Sequence[str] | None = None) -> int:
    """Print one line a finding; return the exit status, 1 when there is one."""
    parser = argparse.ArgumentParser(prog="headrace check", description="Check definitions, offline.")
    parser.add_argument(
        "files", nargs="*", type=path_argument, help="by default every pipeline of every model"
    )
    options = parser.parse_args(arguments)

    def command() -> int:
        if options.files:
            texts = {str(file): file_text(file) for file in options.files}
        else:
            project = load_project()
            check_models(project)
            texts = rendered(project)
        lines = [f"{name}: {finding}" for name, text in texts.items() for finding in findings(text)]
        for line in lines:
            cli.say(line)
        return 1 if lines else 0

    return cli.exit_status(command)


def findings(text: str) -> Iterator[Finding]:
    """Yield what every check finds in a definition."""
    try:
        definition = strict_json.loads(text, "the definition")
    except ValueError as error:
        yield Finding("-", "file", str(error), "render it anew by `make render`")
        return
    misshapen = [fault.rpartition(" at ") for fault in faults_of_shape(definition)]
    for fault, _, place in misshapen:
        yield Finding(place, "shape", fault, "render it anew by `make render`")
    for check in () if misshapen else CHECKS:
        yield from check(definition)
