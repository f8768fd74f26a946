"""Files that are made from the pipelines and committed: written, or reported as stale."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from headrace_aws.whole_files import write_whole


@dataclass(frozen=True)
class Rendered:
    """One kind of such files: how their names end, what each belongs to, and the command that writes them."""

    suffix: str
    owner: str
    command: str

    def stale(self, texts: Mapping[str, str], folder: Path) -> list[str]:
        """Return what is wrong with the files in the folder, one line each; an empty list when all is current."""
        found = {file.name: file.read_text(encoding="utf-8") for file in self._files(folder)}
        lines = []
        for name in sorted(texts.keys() | found.keys()):
            if name not in texts:
                fault = f"belongs to no {self.owner}"
            elif name not in found:
                fault = "is missing"
            elif found[name] != texts[name]:
                fault = "is stale"
            else:
                continue
            lines.append(f"{folder / name}: {fault}; run `{self.command}`")
        return lines

    def write(self, texts: Mapping[str, str], folder: Path) -> None:
        """Write every file, and remove those that belong to nothing any more."""
        for name, text in texts.items():
            write_whole(folder / name, text)
        for file in self._files(folder):
            if file.name not in texts:
                file.unlink()

    def status(self, texts: Mapping[str, str], folder: Path, *, check: bool) -> int:
        """Write, or with `check` say what is stale; return the exit status."""
        if not check:
            self.write(texts, folder)
            return 0
        lines = self.stale(texts, folder)
        for line in lines:
            print(line, file=sys.stderr)  # noqa: T201 - a command speaks
        return 1 if lines else 0

    def _files(self, folder: Path) -> list[Path]:
        return list(folder.glob(f"*{self.suffix}"))
