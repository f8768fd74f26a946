"""Job `train`: examples -> model artefact.

Channels `train`, `validation` and `profile` (from the prepare job), hyperparameters as SageMaker gives them;
the artefact is what is left in the model folder.
"""

import sys

from headrace import container
from headrace.artefact import Artefact, features_of, model_facts, tables_of, write_artefact
from headrace.examples import read_examples
from headrace.metrics import metrics_of
from headrace.model import load_model
from headrace.profile import read_profile
from headrace.settings import settings_of


def train(package: str) -> None:
    """Fit the model of a package, and write its artefact."""
    model = load_model(package)
    hyperparameters = settings_of(model.hyperparameters, container.hyperparameters(), "hyperparameters")
    profile = read_profile(container.channel("profile"))
    training = read_examples(container.channel("train"))
    validation = read_examples(container.channel("validation"))
    result = model.fit(training, validation, hyperparameters, container.checkpoint_folder())
    metrics = metrics_of(validation.label, result.validation_score)
    # SageMaker reads metrics from the log, by the regular expressions of the job's MetricDefinitions.
    ranking = "" if metrics.roc_auc is None else f" roc_auc={metrics.roc_auc:.6f}"
    print(f"validation: log_loss={metrics.log_loss:.6f}{ranking}")  # noqa: T201
    artefact = Artefact(
        facts=model_facts(package, profile, container.commit(), hyperparameters, result.fitted),
        # Of the model that is shipped, which batches are scored by: after a refit it is not the one that was
        # validated, and has learnt from these rows. Why that is right for drift, and for no metric: `with_score`.
        profile=profile.with_score(result.fitted.predict(validation.features)),
        fitted=result.fitted,
        features=features_of(model),
        tables=tables_of(model),
    )
    write_artefact(container.model_folder(), artefact, validation)


def main(arguments: list[str] | None = None) -> int:
    """Run the job; return its exit status."""
    parser = container.Parser("train", __doc__, "failure")
    parser.add_argument("--model", required=True, help="the model's package under src/")
    given = parser.parse_args(arguments)
    return container.run(lambda: train(given.model), "failure")


if __name__ == "__main__":
    sys.exit(main())
