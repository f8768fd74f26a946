"""Job `predict`: a model artefact on examples -> predictions, one file for each file of examples.

Inputs `model` (model.tar.gz) and `examples` (*.parquet); output `predictions`, whose files have the names of the
examples'. Of several instances each is given its share of the files, which may be none.
"""

import sys

from headrace import container
from headrace.artefact import check_schema, load_artefact, unpacked
from headrace.errors import DataError
from headrace.examples import example_files, read_example_file, write_whole
from headrace.inference.predictions import scored
from headrace.model import load_model


def predict() -> None:
    """Score every file of examples."""
    folder = container.processing_input("examples")
    files = example_files(folder)
    if not files:
        if container.instances() == 1:
            raise DataError(f"no examples in {folder}: expected *.parquet from the batch job")
        print("this instance has no share of the examples")  # noqa: T201 - the job's log
        return
    model = load_artefact(unpacked(container.processing_input("model")))
    check_schema(model, load_model(model.facts.package))
    for path in files:
        examples = read_example_file(path)
        predictions = scored(examples, model.predict(examples))
        write_whole(predictions, container.processing_output("predictions"), path.name)
        print(f"{path.name}: {len(predictions):,} rows")  # noqa: T201 - the job's log


def main(arguments: list[str] | None = None) -> int:
    """Run the job; return its exit status."""
    container.Parser("predict", __doc__).parse_args(arguments)
    return container.run(predict, "message")


if __name__ == "__main__":
    sys.exit(main())
