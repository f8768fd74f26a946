"""Training jobs: the container contract."""

import io
import json
import tarfile
from typing import Any

from local_jobs import Jobs


def _members(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = {member.name: tar.extractfile(member) for member in tar.getmembers()}
        return {name: file.read() for name, file in files.items() if file}


def test_channels_come_and_the_model_goes(jobs: Jobs) -> None:
    """Model and output data become archives under `<S3OutputPath>/<job>/output/`."""
    jobs.put("train/in/rows.csv", "rows")
    code = """
(ml / 'model/part').mkdir()
(ml / 'model/part/weights').write_text((ml / 'input/data/train/rows.csv').read_text())
(ml / 'output/data/curve').write_text('c')
"""
    request = jobs.training("train", code, InputDataConfig=[jobs.channel("train", "train/in/")])
    description = jobs.run(request)
    artefact = jobs.uri("train/out/train/output/model.tar.gz")
    assert description["TrainingJobStatus"] == "Completed"
    assert description["ModelArtifacts"] == {"S3ModelArtifacts": artefact}
    assert jobs.keys("train/out/train/output/") == ["model.tar.gz", "output.tar.gz"]
    assert _members(jobs.get("train/out/train/output/model.tar.gz")) == {"part/weights": b"rows"}
    assert _members(jobs.get("train/out/train/output/output.tar.gz")) == {"curve": b"c"}


def test_the_configuration_says_what_the_job_is(jobs: Jobs) -> None:
    """Hyperparameters are strings; each channel and each host is named."""
    jobs.put("config/in/rows.csv")
    code = """
names = ('hyperparameters', 'inputdataconfig', 'resourceconfig')
print(json.dumps({name: json.loads((ml / f'input/config/{name}.json').read_text()) for name in names}))
print(os.environ['TRAINING_JOB_NAME'])
"""
    request = jobs.training(
        "config",
        code,
        InputDataConfig=[jobs.channel("train", "config/in") | {"ContentType": "text/csv"}],
        HyperParameters={"depth": "6"},
    )
    jobs.run(request)
    configuration, name = jobs.log("config").splitlines()
    assert json.loads(configuration) == {
        "hyperparameters": {"depth": "6"},
        "inputdataconfig": {
            "train": {
                "ContentType": "text/csv",
                "RecordWrapperType": "None",
                "S3DistributionType": "FullyReplicated",
                "TrainingInputMode": "File",
            }
        },
        "resourceconfig": {
            "current_group_name": "homogeneousCluster",
            "current_host": "algo-1",
            "current_instance_type": "ml.m5.xlarge",
            "hosts": ["algo-1"],
            "instance_groups": [
                {
                    "hosts": ["algo-1"],
                    "instance_group_name": "homogeneousCluster",
                    "instance_type": "ml.m5.xlarge",
                }
            ],
            "network_interface_name": "lo",
        },
    }
    assert name == "config"


def test_the_description_tells_the_course_of_the_job(jobs: Jobs) -> None:
    """All stages with their times; whole seconds; what was given, returned."""
    request = jobs.training(
        "course",
        "print('loss=0.5;'); print('loss=0.25;')",
        Environment={"A": "b"},
        HyperParameters={"depth": "6"},
        EnableNetworkIsolation=True,
        EnableManagedSpotTraining=True,
        StoppingCondition={"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 90},
        VpcConfig={"Subnets": ["subnet-00000000"], "SecurityGroupIds": ["sg-00000000"]},
    )
    request["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": "loss", "Regex": "loss=([0-9.]+);"}]
    description = jobs.run(request)
    for member in request:
        assert description[member] == request[member]
    transitions = description["SecondaryStatusTransitions"]
    stages = ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert [transition["Status"] for transition in transitions] == stages
    assert all(transition["StartTime"] <= transition["EndTime"] for transition in transitions)
    assert description["SecondaryStatus"] == "Completed"
    assert description["TrainingTimeInSeconds"] == description["BillableTimeInSeconds"] == 1
    assert description["EnableInterContainerTrafficEncryption"] is False
    (metric,) = description["FinalMetricDataList"]
    assert (metric["MetricName"], metric["Value"]) == ("loss", 0.25)


def test_two_instances_make_one_model(jobs: Jobs) -> None:
    """What both wrote is in the archive; where they wrote the same file, the first one's counts."""
    code = """
host = json.loads((ml / 'input/config/resourceconfig.json').read_text())['current_host']
(ml / 'model' / host).write_text(host)
(ml / 'model/same').write_text(host)
"""
    jobs.run(jobs.training("both", code, count=2))
    model = _members(jobs.get("both/out/both/output/model.tar.gz"))
    assert model == {"algo-1": b"algo-1", "algo-2": b"algo-2", "same": b"algo-1"}


def test_checkpoints_outlive_a_failed_job(jobs: Jobs) -> None:
    """They are there at the start of the next job, and what a job wrote is kept although it failed."""
    code = """
folder = ml / 'checkpoints'
count = len(list(folder.iterdir()))
(folder / f'{count}').write_text('c')
sys.exit(0 if count else 1)
"""
    checkpoints: dict[str, Any] = {"CheckpointConfig": {"S3Uri": jobs.uri("checkpoints/")}}
    assert jobs.run(jobs.training("attempt-0", code, **checkpoints))["TrainingJobStatus"] == "Failed"
    assert jobs.keys("checkpoints/") == ["0"]
    assert jobs.run(jobs.training("attempt-1", code, **checkpoints))["TrainingJobStatus"] == "Completed"
    assert jobs.keys("checkpoints/") == ["0", "1"]


def test_artefacts_are_encrypted_with_the_key_that_is_given(jobs: Jobs) -> None:
    """OutputDataConfig.KmsKeyId is what the object is encrypted with."""
    key = "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-0000-0000-000000000000"
    request = jobs.training("encrypted", "(ml / 'model/m').write_text('m')")
    request["OutputDataConfig"]["KmsKeyId"] = key
    jobs.run(request)
    head = jobs.s3.head_object(Bucket=jobs.bucket, Key="encrypted/out/encrypted/output/model.tar.gz")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)
