"""Job `golden`: a model artefact -> golden.json, what its golden rows score here.

Input `model` (model.tar.gz), output `golden`. Scores that differ from those of the training are written down and fail
nothing: whoever asked compares, and has both sides to show.
"""

import math
import sys

from headrace import container
from headrace.artefact import unpacked
from headrace.golden import FILE, golden_scores


def golden(image: str) -> None:
    """Score the golden rows, and write them with what may make them differ."""
    found = golden_scores(unpacked(container.processing_input("model")), image)
    worst = max(
        math.inf if score is None else abs(score - trained)
        for score, trained in zip(found.scores, found.trained, strict=True)
    )
    print(f"{len(found.rows)} golden rows, up to {worst:.2g} off")  # noqa: T201 - the job's log
    (container.processing_output("golden") / FILE).write_text(
        found.model_dump_json(indent=2), encoding="utf-8"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the job; return its exit status."""
    parser = container.Parser("golden", __doc__)
    parser.add_argument("--image", default="", help="the image that this runs in, to be written down")
    given = parser.parse_args(arguments)
    return container.run(lambda: golden(given.image), "message")


if __name__ == "__main__":
    sys.exit(main())
