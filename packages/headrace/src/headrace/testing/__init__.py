"""What tests of pipelines need: a model of one small table."""
