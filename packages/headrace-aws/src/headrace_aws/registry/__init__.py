"""The model registry: versions of a model, their approval, and what each was made from."""
