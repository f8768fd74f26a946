"""Batch transform: a model's container serves, each object of the input becomes one of the output."""

import io
import tarfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from local_jobs import IMAGE, Jobs

# What a project's image has for `serve`: here one that shouts, with the words of its model around each request.
_SERVING = """
import http.server, os, sys
WORD = open(os.environ["SAGEMAKER_BASE_DIR"] + "/model/word").read()
if "BROKEN" in os.environ:
    sys.exit("broken")
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.answer(200 if self.path == "/ping" else 404)
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        given = self.headers["Content-Type"], self.headers["Accept"]
        print("invoked", len(body), *given, flush=True)
        bad = b"bad" in body
        self.answer(int(os.environ.get("STATUS", 415)) if bad else 200, WORD.encode() + body.upper())
    def log_message(self, *_):
        pass
names = ("SAGEMAKER_BATCH", "SAGEMAKER_BATCH_STRATEGY", "SAGEMAKER_MAX_PAYLOAD_IN_MB", "GIVEN")
print("told", *(os.environ.get(name) for name in names), flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def model(jobs: Jobs) -> str:
    """A model of the project's image, whose artefact holds one word."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        member = tarfile.TarInfo("word")
        member.size = 1
        tar.addfile(member, io.BytesIO(b">"))
    jobs.s3.put_object(Bucket=jobs.bucket, Key="serving/model.tar.gz", Body=archive.getvalue())
    _create_model(jobs, "shouts", {"Image": IMAGE, "ModelDataUrl": jobs.uri("serving/model.tar.gz")})
    return "shouts"


def _create_model(jobs: Jobs, name: str, container: dict[str, Any], **more: Any) -> None:
    container = {"Environment": {"PATH": jobs.program("serve", _SERVING), "GIVEN": "model"}, **container}
    jobs.api.create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=jobs.role, **more)


def _transform(jobs: Jobs, name: str, model: str, prefix: str, **more: Any) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": jobs.uri(prefix)}
    request = {
        "TransformJobName": name,
        "ModelName": model,
        "TransformInput": {"DataSource": {"S3DataSource": source}},
        "TransformOutput": {"S3OutputPath": jobs.uri(f"{name}/out")},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }
    for member, value in more.items():
        known = request.get(member)
        request[member] = known | value if isinstance(known, dict) else value
    return request


def test_each_object_is_sent_and_its_answer_kept(jobs: Jobs, model: str) -> None:
    """Whole files without a SplitType; the output's names are those of the input with `.out`."""
    jobs.put("whole/in/a.csv", "one\ntwo\n")
    jobs.put("whole/in/deep/b.csv", "three\n")
    request = _transform(jobs, "whole", model, "whole/in/", TransformInput={"ContentType": "text/csv"})
    description = jobs.run(request | {"Environment": {"GIVEN": "job"}, "MaxPayloadInMB": 3})
    assert description["TransformJobStatus"] == "Completed", jobs.log("whole")
    assert description["CreationTime"] <= description["TransformStartTime"] <= description["TransformEndTime"]
    assert jobs.keys("whole/out/") == ["a.csv.out", "deep/b.csv.out"]
    assert jobs.get("whole/out/a.csv.out") == b">ONE\nTWO\n"
    log = jobs.log("whole").splitlines()
    assert log[0] == "told true None 3 job"
    assert log[1].endswith(
        "[sagemaker logs]: MaxConcurrentTransforms=1, MaxPayloadInMB=3, BatchStrategy=MULTI_RECORD"
    )
    assert log[2:] == ["invoked 8 text/csv None", "invoked 6 text/csv None"]
    group = "/aws/sagemaker/TransformJobs"
    (stream,) = jobs.client("logs").describe_log_streams(logGroupName=group, logStreamNamePrefix="whole/")[
        "logStreams"
    ]
    assert stream["logStreamName"].startswith("whole/algo-1-")


@pytest.mark.parametrize(
    ("strategy", "assemble", "output"),
    [
        ("MultiRecord", "None", b">ONE\nTWO\nTHREE"),
        ("SingleRecord", "None", b">ONE\n>TWO\n>THREE"),
        ("SingleRecord", "Line", b">ONE\n>TWO\n>THREE\n"),
    ],
)
def test_lines_are_records(jobs: Jobs, model: str, strategy: str, assemble: str, output: bytes) -> None:
    """One line a request, or as many as fit; what comes back is put together in the order of the input."""
    name = f"lines-{strategy}-{assemble}".lower()
    jobs.put("lines/in/a.csv", "one\ntwo\nthree")
    request = _transform(
        jobs,
        name,
        model,
        "lines/in/",
        TransformInput={"SplitType": "Line"},
        TransformOutput={"AssembleWith": assemble, "Accept": "text/csv"},
        BatchStrategy=strategy,
        MaxConcurrentTransforms=2,
    )
    assert jobs.run(request)["TransformJobStatus"] == "Completed"
    assert jobs.get(f"{name}/out/a.csv.out") == output
    assert f"told true {'MULTI' if strategy == 'MultiRecord' else 'SINGLE'}_RECORD" in jobs.log(name)


def test_a_payload_has_a_size(jobs: Jobs, model: str) -> None:
    """MaxPayloadInMB ends a batch; a record that is larger alone fails the job."""
    line = "x" * 600_000
    jobs.put("payload/in/a.csv", f"{line}\n{line}\n")
    request = _transform(
        jobs,
        "payload",
        model,
        "payload/in/",
        TransformInput={"SplitType": "Line"},
        MaxPayloadInMB=1,
    )
    assert jobs.run(request)["TransformJobStatus"] == "Completed"
    assert jobs.log("payload").count("invoked 600001") == 2
    whole = jobs.run(_transform(jobs, "too-large", model, "payload/in/", MaxPayloadInMB=1))
    assert whole["TransformJobStatus"] == "Failed"
    assert whole["FailureReason"] == "ClientError: See job logs for more information"
    assert "a.csv: a record of 1200002 bytes is larger than MaxPayloadInMB" in jobs.log("too-large")


def test_instances_share_the_objects(jobs: Jobs, model: str) -> None:
    """Each instance serves, and transforms its part of the keys."""
    for number in range(3):
        jobs.put(f"spread/in/{number}", str(number))
    jobs.run(_transform(jobs, "spread", model, "spread/in/", TransformResources={"InstanceCount": 2}))
    assert jobs.keys("spread/out/") == ["0.out", "1.out", "2.out"]
    assert [jobs.log("spread", host).count("invoked") for host in ("algo-1", "algo-2")] == [2, 1]


@pytest.mark.parametrize(("status", "kind", "times"), [(415, "ClientError", 1), (500, "AlgorithmError", 2)])
def test_a_refused_record_fails_the_job(jobs: Jobs, model: str, status: int, kind: str, times: int) -> None:
    """The log names the object, the status and the answer; a server's fault is tried again, nothing is published."""
    name = f"refused-{status}"
    jobs.put("refused/in/a.csv", "good")
    jobs.put("refused/in/b.csv", "bad")
    request = _transform(jobs, name, model, "refused/in/", Environment={"STATUS": str(status)})
    description = jobs.run(request | {"ModelClientConfig": {"InvocationsMaxRetries": 1}})
    assert description["FailureReason"] == f"{kind}: See job logs for more information"
    words = f"b.csv: Bad HTTP status received from algorithm: {status}"
    assert jobs.log(name).count(words) == times
    assert "b.csv: Message: >BAD" in jobs.log(name)
    assert jobs.keys(f"{name}/out/") == []


def test_a_container_that_does_not_serve_fails_the_job(jobs: Jobs, model: str) -> None:
    """The words of AWS for /ping; what the container printed is in the log."""
    jobs.put("mute/in/a.csv", "x")
    description = jobs.run(_transform(jobs, "mute", model, "mute/in/", Environment={"BROKEN": "yes"}))
    assert description["FailureReason"].startswith(
        "AlgorithmError: Model container failed to respond to ping."
    )
    assert "broken" in jobs.log("mute")


def test_a_transform_is_stopped(jobs: Jobs, model: str) -> None:
    """StopTransformJob ends container and transformer; ListTransformJobs finds the job by its status."""
    slow = "import time; print('up', flush=True); time.sleep(60)"
    jobs.put("stop/in/a.csv", "x")
    request = _transform(
        jobs,
        "stop-transform",
        model,
        "stop/in/",
        Environment={"PATH": jobs.program("serve", slow)},
    )
    jobs.create(request)
    jobs.wait_for_log("stop-transform", "up")
    jobs.api.stop_transform_job(TransformJobName="stop-transform")
    assert jobs.ended(request)["TransformJobStatus"] == "Stopped"
    (found,) = jobs.api.list_transform_jobs(StatusEquals="Stopped", NameContains="stop-")[
        "TransformJobSummaries"
    ]
    assert (found["TransformJobName"], "LastModifiedTime" in found) == ("stop-transform", True)


def test_a_model_may_be_a_registered_one(jobs: Jobs, model: str) -> None:
    """ModelPackageName stands for the image and the artefact of the package."""
    del model
    jobs.api.create_model_package_group(ModelPackageGroupName="served")
    container = {"Image": IMAGE, "ModelDataUrl": jobs.uri("serving/model.tar.gz")}
    types = {"SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"]}
    package = jobs.api.create_model_package(
        ModelPackageGroupName="served", InferenceSpecification={"Containers": [container], **types}
    )["ModelPackageArn"]
    _create_model(jobs, "registered", {"ModelPackageName": package})
    jobs.put("registered/in/a", "x")
    jobs.run(_transform(jobs, "registered", "registered", "registered/in/"))
    assert jobs.get("registered/out/a.out") == b">X"


def _no_model(jobs: Jobs) -> None:
    jobs.create(_transform(jobs, "refused", "nobody", "whole/in/"))


def _joined(jobs: Jobs) -> None:
    jobs.create(_transform(jobs, "refused", "shouts", "whole/in/", DataProcessing={"JoinSource": "Input"}))


def _records(jobs: Jobs) -> None:
    jobs.create(_transform(jobs, "refused", "shouts", "whole/in/", TransformInput={"SplitType": "TFRecord"}))


def _compressed(jobs: Jobs) -> None:
    jobs.create(
        _transform(jobs, "refused", "shouts", "whole/in/", TransformInput={"CompressionType": "Gzip"})
    )


def _model_twice(jobs: Jobs) -> None:
    _create_model(jobs, "shouts", {"Image": IMAGE})


def _no_role(jobs: Jobs) -> None:
    role = "arn:aws:iam::000000000000:role/nobody"
    jobs.api.create_model(ModelName="refused", PrimaryContainer={"Image": IMAGE}, ExecutionRoleArn=role)


def _several(jobs: Jobs) -> None:
    jobs.api.create_model(ModelName="refused", Containers=[{"Image": IMAGE}], ExecutionRoleArn=jobs.role)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (_no_model, "Could not find model .*:model/nobody"),
        (_joined, "DataProcessing.JoinSource is not supported by the local AWS"),
        (_records, "SplitType TFRecord is not supported by the local AWS"),
        (_compressed, "CompressionType Gzip of a TransformInput is not supported"),
        (_model_twice, "Cannot create already existing model .*:model/shouts"),
        (_no_role, "Could not assume role arn:aws:iam::000000000000:role/nobody"),
        (_several, "Containers is not supported by the local AWS"),
    ],
)
def test_what_is_not_done_is_refused(
    jobs: Jobs, model: str, call: Callable[[Jobs], None], words: str
) -> None:
    """ValidationException, by name, before there is a job."""
    del model
    with pytest.raises(ClientError, match=words):
        call(jobs)
