"""Offline checks of rendered definitions: `headrace check` runs them all."""
