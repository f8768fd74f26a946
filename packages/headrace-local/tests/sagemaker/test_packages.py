"""A job sees the packages of the image, and not those of the developer who runs it here."""

from local_jobs import Jobs


def test_a_job_has_what_the_image_carries(jobs: Jobs) -> None:
    """What the image's requirements name can be imported."""
    assert jobs.run(jobs.processing("carried", "import yaml"))["ProcessingJobStatus"] == "Completed"


def test_a_job_has_nothing_else_that_is_installed_here(jobs: Jobs) -> None:
    """What the local AWS and the tools need is missing as it would be in the account, in Python's own words."""
    for package in ("boto3", "moto", "pytest"):
        request = jobs.processing(f"without-{package}", f"import {package}")
        assert jobs.run(request)["ProcessingJobStatus"] == "Failed"
        assert f"ModuleNotFoundError: No module named '{package}'" in jobs.log(f"without-{package}")


def test_a_library_does_not_find_it_either(jobs: Jobs) -> None:
    """What looks whether another package is there, and does without it, is told that it is not."""
    code = "import importlib.util as util; print(util.find_spec('moto'), bool(util.find_spec('yaml')))"
    jobs.run(jobs.processing("looks", code))
    assert jobs.log("looks") == "None True\n"


def test_a_jobs_own_module_may_have_the_name_of_a_package(jobs: Jobs) -> None:
    """Only what is installed is hidden: `flask.py` beside the program is the job's own."""
    (jobs.home / "programs").mkdir(exist_ok=True)
    (jobs.home / "programs" / "flask.py").write_text("own = True\n", encoding="utf-8")
    jobs.run(jobs.processing("own-module", "import flask; print(flask.own)"))
    assert jobs.log("own-module") == "True\n"


def test_instances_see_each_other_and_the_image(jobs: Jobs) -> None:
    """On several instances the peers' names are resolved, and the packages are those of the image all the same."""
    code = "import importlib.util as util, socket; print(util.find_spec('boto3'), socket.gethostbyname('algo-2'))"
    jobs.run(jobs.processing("peers", code, count=2))
    assert jobs.log("peers") == jobs.log("peers", "algo-2") == "None 127.0.0.1\n"
