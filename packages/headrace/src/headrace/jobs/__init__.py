"""The jobs: `python -m headrace.jobs.<name>`, each runnable by hand on two folders with SAGEMAKER_BASE_DIR."""
