"""One deployment at a time: on the local AWS, which creates an object under a condition as S3 does."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from release_forks import Fork

from headrace.errors import DeployError
from headrace_aws.release.artefacts import Artefacts
from headrace_aws.release.deployment_lock import KEY, Lock, deployment_lock


@pytest.fixture
def artefacts(fork: Fork) -> Artefacts:
    made = Artefacts(fork.enter("dev"), fork.project)
    made.s3.create_bucket(Bucket=made.bucket)
    return made


def put(artefacts: Artefacts, expires_in: timedelta) -> None:
    """Write the lock of somebody else."""
    now = datetime.now(UTC)
    lock = Lock(holder="somebody", since=now, until=now + expires_in)
    artefacts.s3.put_object(Bucket=artefacts.bucket, Key=KEY, Body=lock.model_dump_json().encode())


def test_a_lock_is_held_and_released(artefacts: Artefacts) -> None:
    """Inside the lock another one is told who has it; afterwards, also after an error, it is free."""

    def fail_inside() -> None:
        with deployment_lock(artefacts, 0, print):
            with (
                pytest.raises(DeployError, match=r"deploys to dev since .* WAIT=minutes"),
                deployment_lock(artefacts, 0, print),
            ):
                pass
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_inside()
    assert artefacts.content(KEY) is None


def test_a_destroy_keeps_deployments_away(artefacts: Artefacts) -> None:
    """Who deploys while the environment is destroyed is told so; the lock may go with its bucket."""
    with deployment_lock(artefacts, 0, print, "destroys"):
        with (
            pytest.raises(DeployError, match=r"destroys dev since .* UTC; deploy again when that has ended"),
            deployment_lock(artefacts, 0, print),
        ):
            pass
        artefacts.s3.delete_object(Bucket=artefacts.bucket, Key=KEY)
        artefacts.s3.delete_bucket(Bucket=artefacts.bucket)


def test_of_many_at_once_one_gets_it(artefacts: Artefacts) -> None:
    """Eight that start together: one deploys, seven are told."""
    together, go_on = threading.Barrier(8), threading.Event()
    outcomes: list[str] = []

    def attempt() -> None:
        together.wait()
        try:
            with deployment_lock(artefacts, 0, print):
                outcomes.append("held")
                go_on.wait(10)
        except DeployError:
            outcomes.append("told")

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    while outcomes.count("told") < 7 and any(thread.is_alive() for thread in threads):
        threads[0].join(0.02)
    go_on.set()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["held"] + ["told"] * 7


def test_who_waits_gets_it(artefacts: Artefacts, monkeypatch: pytest.MonkeyPatch) -> None:
    """With minutes to wait, the lock is taken as soon as it is free, and the wait is reported once."""
    monkeypatch.setattr("headrace_aws.release.deployment_lock._PAUSE_SECONDS", 0.02)
    put(artefacts, timedelta(hours=1))
    said: list[str] = []

    def waits(line: str) -> None:
        said.append(line)
        artefacts.s3.delete_object(Bucket=artefacts.bucket, Key=KEY)

    with deployment_lock(artefacts, 1, waits):
        assert artefacts.content(KEY) is not None
    assert len(said) == 1
    assert said[0].startswith("somebody deploys to dev since")


def test_an_expired_lock_is_taken_over(artefacts: Artefacts) -> None:
    """A deployment that was cut off two hours ago does not stand in the way, and that is said."""
    put(artefacts, timedelta(seconds=-1))
    said: list[str] = []
    with deployment_lock(artefacts, 0, said.append):
        pass
    assert said[0].startswith("the lock of somebody expired at")
    assert artefacts.content(KEY) is None


def test_a_lock_that_is_anothers_by_now_stays(artefacts: Artefacts) -> None:
    """Who took longer than the lock lasts does not remove the lock of whoever took it over."""
    with deployment_lock(artefacts, 0, print):
        put(artefacts, timedelta(hours=1))
    kept = artefacts.content(KEY)
    assert kept is not None
    assert Lock.model_validate_json(kept).holder == "somebody"
