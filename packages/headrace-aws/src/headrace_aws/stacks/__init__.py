"""CloudFormation stacks: as a release desires them, as they are deployed, and the change sets between them."""
