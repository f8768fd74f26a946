"""The README: its code runs as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_code_of_the_readme_runs(tmp_path: Path) -> None:
    """The training script and the state machine that runs it, in a folder that has nothing else."""
    train, machine = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "train.py").write_text(train, encoding="utf-8")
    (tmp_path / "machine.py").write_text(machine, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "machine.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"s3://models/[\w-]+/output/model.tar.gz\n", done.stdout)
