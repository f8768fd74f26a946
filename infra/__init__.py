"""What creates, runs and watches the pipelines: stacks, deployment, and the local AWS."""
