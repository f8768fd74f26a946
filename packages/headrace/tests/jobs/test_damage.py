"""A file that a job reads and cannot use is named by its S3 URI, in one line, with what it is for and the remedy."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from registered_model import Folders, newcomers, registered

from headrace.jobs import collect, evaluate, golden, monitor, predict, prepare, quality, train

BUCKET = "s3://data/toy/runs/training/run-1"
ARN = "arn:aws:sagemaker:us-east-1:000000000000:model-package/headrace-toy/3"


@dataclass(frozen=True)
class Job:
    """A job, and what its inputs are made of: the name of an input, and a folder of the stage."""

    main: Callable[[list[str]], int]
    arguments: list[str]
    inputs: dict[str, str]
    channels: list[str] = field(default_factory=list)


JOBS = {
    "prepare": Job(prepare.main, ["--model", "toy"], {"raw": "raw"}),
    "train": Job(train.main, ["--model", "toy"], {}, ["train", "validation", "profile"]),
    "evaluate": Job(evaluate.main, [], {"model": "model", "test": "test", "profile": "profile"}),
    "golden": Job(golden.main, [], {"model": "model"}),
    "predict": Job(predict.main, [], {"model": "model", "examples": "examples"}),
    "collect": Job(collect.main, [], {"examples": "examples", "batch": "batch", "predictions": "scores"}),
    "monitor": Job(
        monitor.main,
        [],
        {"model": "model", "examples": "examples", "batch": "batch", "predictions": "predictions"},
    ),
    "quality": Job(
        quality.main,
        ["--model", "toy", "--model-package", ARN],
        {"raw": "raw", "predictions": "published", "evaluation": "evaluation"},
    ),
}
# Which job reads what, by input and file, and words of what it is needed for.
READ = [
    ("prepare", "raw/visits.csv", "table 'visits'"),
    ("train", "train/part-0.parquet", "a model is trained or judged on it: run the prepare job again"),
    ("train", "profile/profile.json", "run the prepare job again"),
    ("evaluate", "model/model.tar.gz", "nothing can be scored with it: put back a former version"),
    ("evaluate", "test/part-0.parquet", "run the prepare job again"),
    ("evaluate", "profile/profile.json", "run the prepare job again"),
    ("golden", "model/model.tar.gz", "nothing can be scored with it: put back a former version"),
    ("predict", "model/model.tar.gz", "nothing can be scored with it: put back a former version"),
    ("predict", "examples/part-0.parquet", "run the batch job again"),
    ("collect", "examples/part-0.parquet", "the batch needs all its examples: run the batch job again"),
    ("collect", "batch/batch.json", "the rows of the batch are counted by it: run the batch job again"),
    ("collect", "predictions/part-0.parquet", "run the predict job again"),
    ("monitor", "model/model.tar.gz", "nothing can be scored with it: put back a former version"),
    ("monitor", "batch/batch.json", "run the batch job again"),
    ("monitor", "predictions/predictions.parquet", "run the collect job again"),
    ("quality", "raw/visits.csv", "table 'visits'"),
    ("quality", "evaluation/evaluation.json", f"predictions of {ARN} are held against it: put back"),
    ("quality", "predictions/2026-03-01/predictions.parquet", "run the inference again"),
]


def zeros_within(path: Path) -> None:
    """Write zeros over the footer of a Parquet file, which says where its columns are, or over the middle of another."""
    content = path.read_bytes()
    start = len(content) - 40 if path.suffix == ".parquet" else len(content) // 2
    path.write_bytes(content[:start] + bytes(40) + content[start + 40 :])


DAMAGES: dict[str, Callable[[Path], object]] = {
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "other bytes": lambda path: path.write_bytes(b"\x00\xff\x1f\x8b" * 64),
    "zeros within": zeros_within,
}
OTHER_JSON: dict[str, Callable[[Path], object]] = {
    "a list": lambda path: path.write_text("[]"),
    "another version": lambda path: path.write_text('{"format": 2, "lines": 3}'),
    "null": lambda path: path.write_text("null"),
}
ROWS = {
    f"{job}: {name}: {kind}": (job, name, words, damage)
    for job, name, words in READ
    for kind, damage in (DAMAGES | (OTHER_JSON if name.endswith(".json") else {})).items()
    # Half a CSV is a CSV: what it lacks cannot be seen. A missing one has tests of its own.
    if not name.endswith(".csv") or kind in {"empty", "other bytes"}
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what each job leaves, by what it is."""
    folder = tmp_path_factory.mktemp("stage")
    base = tmp_path_factory.mktemp("trained")
    model = registered(base)
    inputs = base / "processing" / "input"
    for name in ("train", "validation"):
        shutil.copytree(base / "input" / "data" / name, folder / name)
    for name in ("profile", "test", "raw"):
        shutil.copytree(inputs / name, folder / name)
    (folder / "model").mkdir()
    shutil.copy(model.archive, folder / "model")
    (folder / "evaluation").mkdir()
    shutil.copy(model.evaluation, folder / "evaluation")
    with pytest.MonkeyPatch.context() as environment:
        scored = tmp_path_factory.mktemp("scored")
        environment.setenv("SAGEMAKER_BASE_DIR", str(scored))
        folders = Folders(scored, model)
        folders.give_raw(newcomers())
        folders.predicted()
        shutil.copytree(folders.inputs / "predictions", folder / "scores")
        folders.collected("--model-package", ARN, "--date", "2026-03-01")
    for name in ("examples", "batch", "predictions"):
        shutil.copytree(folders.inputs / name, folder / name)
    shutil.copytree(folder / "predictions", folder / "published" / "2026-03-01")
    return folder


def given(stage: Path, base: Path, job: Job, environment: pytest.MonkeyPatch) -> None:
    """Put the inputs of a job where SageMaker does, and tell their S3 URIs as it does."""
    environment.setenv("SAGEMAKER_BASE_DIR", str(base))
    entries = []
    for name, source in job.inputs.items():
        shutil.copytree(stage / source, base / "processing" / "input" / name)
        file = {"model": "model.tar.gz", "evaluation": "evaluation.json"}.get(name, "")
        place = {"S3Uri": f"{BUCKET}/{name}/{file}", "LocalPath": f"/opt/ml/processing/input/{name}"}
        entries.append({"InputName": name, "S3Input": place})
    for name in job.channels:
        shutil.copytree(stage / name, base / "input" / "data" / name)
        environment.setenv(f"HEADRACE_INPUT_{name.upper()}", f"{BUCKET}/{name}/")
    (base / "config").mkdir(parents=True)
    (base / "config" / "processingjobconfig.json").write_text(json.dumps({"ProcessingInputs": entries}))


def message_of(base: Path) -> str:
    """Return what a job that failed said."""
    [path] = [path for name in ("message", "failure") if (path := base / "output" / name).exists()]
    return path.read_text()


@pytest.mark.parametrize(("job", "name", "words", "damage"), ROWS.values(), ids=ROWS.keys())
def test_what_cannot_be_read_is_named(  # noqa: PLR0913, PLR0917 - a row of the table, and where it happens
    job: str,
    name: str,
    words: str,
    damage: Callable[[Path], object],
    stage: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The job fails with one line: the S3 URI, no path of the container, the use and the remedy; it writes nothing."""
    given(stage, tmp_path, JOBS[job], monkeypatch)
    root = tmp_path / ("input/data" if job == "train" else "processing/input")
    damage(root / name)
    assert JOBS[job].main(JOBS[job].arguments) == 1
    message = message_of(tmp_path)
    named = f"{BUCKET}/{name}" if (root / name).exists() else f"{BUCKET}/{name.partition('/')[0]}"
    assert named in message
    # Of a folder without any file it is told which job writes them.
    assert words in message or words.rpartition("run the ")[2].removesuffix(" again") in message
    assert str(tmp_path) not in message
    assert len(message.splitlines()) == 1
    outputs = tmp_path / "processing" / "output"
    assert not [path for path in outputs.rglob("*") if path.is_file()]
    assert not list((tmp_path / "model").glob("*"))


@pytest.mark.parametrize("damage", [*DAMAGES.values(), "failure"], ids=[*DAMAGES, "not read at all"])
def test_a_champion_that_cannot_be_read_is_left_to_a_person(
    damage: Callable[[Path], object] | str, stage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Missing, damaged or refused: the new model is judged by the other rules, and the note names version and object."""
    job = JOBS["evaluate"]
    given(stage, tmp_path, Job(job.main, [], job.inputs | {"champion": "model"}), monkeypatch)
    champion = tmp_path / "processing" / "input" / "champion" / "model.tar.gz"
    config = tmp_path / "config" / "processingjobconfig.json"
    config.write_text(config.read_text().replace(f"{BUCKET}/champion/", f"{BUCKET}/champion/model.tar.gz"))
    if isinstance(damage, str):
        champion.unlink()
        cause = json.dumps(
            {"FailureReason": f"ClientError: No S3 objects found under {BUCKET}/champion/model.tar.gz"}
        )
        failure = {"Error": "States.TaskFailed", "Cause": cause}
        (champion.parent / "failure.json").write_text(json.dumps(failure))
    else:
        damage(champion)
    assert evaluate.main(["--champion", ARN, "--no-report"]) == 0
    found = json.loads((tmp_path / "processing/output/evaluation/evaluation.json").read_text())
    assert found["champion"] is None
    assert (found["verdict"]["passed"], found["verdict"]["compared"]) == (True, False)
    assert found["champion_note"].startswith(f"the approved model {ARN} cannot be loaded: ")
    assert f"{BUCKET}/champion/model.tar.gz" in found["champion_note"]
    assert str(tmp_path) not in found["champion_note"]
