"""The records of runs: list and export them, compare runs, and trace a model back to what made it."""
