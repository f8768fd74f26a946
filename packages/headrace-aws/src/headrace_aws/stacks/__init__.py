"""CloudFormation stacks: as a release wants them, as they are deployed, and what leads from one to the other."""
