"""Files that another command reads: written whole or not at all, whenever the process is killed."""

from pathlib import Path


def write_whole(file: Path, text: str) -> None:
    """Write a text as UTF-8 under another name and rename it, with its folder where there is none; line ends stay as they are."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.new")
    new.write_text(text, encoding="utf-8", newline="")
    new.replace(file)
