"""Checks every rendered definition: `python -m pipelines.checks [FILE ...]`. Prints one line a finding."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from pipelines.checks.findings import Finding
from pipelines.checks.parameters import parameters
from pipelines.checks.rules import rules
from pipelines.checks.structure import structure
from pipelines.render import DEFINITIONS

CHECKS = (structure, parameters, rules)


def findings(file: Path) -> Iterator[Finding]:
    """Yield what every check finds in a file."""
    try:
        definition = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        yield Finding("-", "file", str(error), "render it anew by `make render`")
        return
    for check in CHECKS:
        yield from check(definition)


def main(arguments: list[str] | None = None) -> int:
    """Check the files, by default all definitions; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.checks", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="definitions; by default every rendered one")
    files = parser.parse_args(arguments).files or sorted(DEFINITIONS.glob("*.asl.json"))
    lines = [f"{file}: {finding}" for file in files for finding in findings(file)]
    for line in lines:
        print(line)  # noqa: T201 - a command speaks
    if not files:
        print(f"{DEFINITIONS} holds no definition; run `make render`")  # noqa: T201 - a command speaks
    return 1 if lines or not files else 0


if __name__ == "__main__":
    sys.exit(main())
