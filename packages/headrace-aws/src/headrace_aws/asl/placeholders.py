"""Values that are known only where a definition is deployed: `${Name}`, filled in by CloudFormation."""

IMAGE_URI = "${ImageUri}"  # the job image, by digest
DATA_BUCKET = "${DataBucket}"
KEY_ARN = "${KeyArn}"  # encrypts volumes and outputs of jobs
JOB_ROLE_ARN = "${JobRoleArn}"  # what the jobs may do
SUBNET_IDS = "${SubnetIds}"  # separated by commas
SECURITY_GROUP_IDS = "${SecurityGroupIds}"  # separated by commas
MODEL_PACKAGE_GROUP = "${ModelPackageGroup}"
MODEL_APPROVAL_STATUS = "${ModelApprovalStatus}"  # Approved | PendingManualApproval
RUN_TABLE = "${RunTable}"
TOPIC_ARN = "${TopicArn}"
GIT_COMMIT = "${GitCommit}"
TRAINING_ARN = "${TrainingArn}"  # the state machine that trains

NAMES = frozenset(
    value[2:-1] for name, value in globals().items() if name.isupper() and isinstance(value, str)
)
