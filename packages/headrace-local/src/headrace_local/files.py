"""The files of a home, the folder that belongs to one server."""

from pathlib import Path


def record_file(home: Path) -> Path:
    """Where the server listens; see `record`."""
    return home / "server.json"


def settings_file(home: Path) -> Path:
    """What it was started with; see `settings`."""
    return home / "settings.json"


def lock_file(home: Path) -> Path:
    """Locked for as long as the server lives."""
    return home / "server.lock"


def change_file(home: Path) -> Path:
    """Locked by a command that starts or stops the server; see `exclusive`."""
    return home / "change.lock"


def log_file(home: Path) -> Path:
    """What the server says; each start appends to it."""
    return home / "server.log"


def state_file(home: Path) -> Path:
    """What is kept between `down` and `up`; see `state`."""
    return home / "state"


def jobs_folder(home: Path) -> Path:
    """The folders of the jobs, each with what the job saw and said."""
    return home / "jobs"
