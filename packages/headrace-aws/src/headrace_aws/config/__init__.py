"""The configuration of a project: `project.toml`, and the folder that it lies in."""
