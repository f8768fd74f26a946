"""Jobs on several instances: as many processes, each with its name, its share, its log, and its address."""

import json
import socket

from local_jobs import Jobs

_HOST = "host = json.loads((ml / 'config/resourceconfig.json').read_text())['current_host']\n"
_TRAINING_HOST = "host = json.loads((ml / 'input/config/resourceconfig.json').read_text())['current_host']\n"


def test_an_instance_without_objects_has_an_empty_folder(jobs: Jobs) -> None:
    """Fewer objects than instances: AWS leaves some without data; the job goes on, and its outputs are one prefix."""
    for number in range(2):
        jobs.put(f"empty-share/in/{number}.txt", str(number))
    code = f"""{_HOST}
names = sorted(path.name for path in (ml / 'processing/input/share').iterdir())
print(host, names)
for name in names:
    (ml / 'processing/output/o' / name).write_text(host)
"""
    request = jobs.processing(
        "empty-share",
        code,
        count=3,
        ProcessingInputs=[jobs.input("share", "empty-share/in/", S3DataDistributionType="ShardedByS3Key")],
        ProcessingOutputConfig=jobs.outputs("empty-share/out", "output/o"),
    )
    assert jobs.run(request)["ProcessingJobStatus"] == "Completed"
    assert jobs.log("empty-share", "algo-3") == "algo-3 []\n"
    assert jobs.keys("empty-share/out/") == ["0.txt", "1.txt"]
    assert jobs.get("empty-share/out/1.txt") == b"algo-2"


def test_a_channel_is_shared_or_repeated(jobs: Jobs) -> None:
    """ShardedByS3Key gives each instance of a training its share, FullyReplicated gives all to all."""
    for number in range(3):
        jobs.put(f"shares/in/{number}.txt", str(number))
    code = f"""{_TRAINING_HOST}
folder = ml / 'input/data'
print(json.dumps({{name: sorted(path.stem for path in (folder / name).iterdir()) for name in ('all', 'share')}}))
"""
    channels = [
        jobs.channel("all", "shares/in/", S3DataDistributionType="FullyReplicated"),
        jobs.channel("share", "shares/in/", S3DataDistributionType="ShardedByS3Key"),
    ]
    jobs.run(jobs.training("shares", code, count=2, InputDataConfig=channels))
    assert json.loads(jobs.log("shares", "algo-1")) == {"all": ["0", "1", "2"], "share": ["0", "2"]}
    assert json.loads(jobs.log("shares", "algo-2")) == {"all": ["0", "1", "2"], "share": ["1"]}


def test_each_instance_of_a_training_knows_all(jobs: Jobs) -> None:
    """resourceconfig.json names the current host, all hosts, the instance type and the network interface."""
    code = "print((ml / 'input/config/resourceconfig.json').read_text(), os.environ['CURRENT_HOST'])"
    jobs.run(jobs.training("know-all", code, count=2))
    text = jobs.log("know-all", "algo-2")
    found, end = json.JSONDecoder().raw_decode(text)
    assert text[end:].strip() == "algo-2"
    assert (found["current_host"], found["hosts"]) == ("algo-2", ["algo-1", "algo-2"])
    assert (found["current_instance_type"], found["network_interface_name"]) == ("ml.m5.xlarge", "lo")
    group = {"instance_group_name": "homogeneousCluster", "instance_type": "ml.m5.xlarge"}
    assert found["instance_groups"] == [group | {"hosts": ["algo-1", "algo-2"]}]


def test_each_instance_has_its_log_stream(jobs: Jobs) -> None:
    """One stream `<job>/<host>-<time>` for each, in SageMaker's group of the kind of job."""
    jobs.run(jobs.training("streams", f"{_TRAINING_HOST}print('I am', host)", count=2))
    logs, group = jobs.client("logs"), "/aws/sagemaker/TrainingJobs"
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix="streams/")["logStreams"]
    said = {}
    for name in (stream["logStreamName"] for stream in streams):
        events = logs.get_log_events(logGroupName=group, logStreamName=name)["events"]
        said[name.rpartition("-")[0]] = [event["message"] for event in events]
    assert said == {"streams/algo-1": ["I am algo-1"], "streams/algo-2": ["I am algo-2"]}


def test_instances_reach_each_other_by_name(jobs: Jobs) -> None:
    """`algo-1` has an address for what resolves names through Python, by each of its ways."""
    code = f"""{_TRAINING_HOST}
import socket
assert {{socket.gethostbyname('algo-1'), socket.getaddrinfo('algo-2', 80)[0][4][0]}} == {{'127.0.0.1'}}
port = int(os.environ['PORT'])
if host == 'algo-1':
    with socket.create_server(('algo-1', port)) as server:
        connection, _ = server.accept()
        print('heard', connection.recv(100).decode())
else:
    with socket.socket() as client:
        while client.connect_ex(('algo-1', port)):
            time.sleep(0.01)
            client = socket.socket()
        client.sendall(host.encode())
"""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    jobs.run(jobs.training("reach", code, count=2, Environment={"PORT": port}))
    assert jobs.log("reach") == "heard algo-2\n"


def test_an_instance_alone_is_left_alone(jobs: Jobs) -> None:
    """A job on one instance has nothing of ours between it and its names."""
    code = "import socket; print(socket.getaddrinfo.__module__, [p for p in sys.path if p.endswith('peers')])"
    jobs.run(jobs.processing("alone", code))
    assert jobs.log("alone") == "socket []\n"
