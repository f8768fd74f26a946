"""Files that another command reads, while the command that writes them is killed."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from headrace_aws.whole_files import write_whole

WRITER = """
import itertools, sys
from pathlib import Path
from headrace_aws.whole_files import write_whole
for number in itertools.count():
    write_whole(Path(sys.argv[1]), f"{number % 10}" * 1_000_000)
"""


def test_a_killed_writer_leaves_a_whole_file(tmp_path: Path) -> None:
    """Whoever reads at any moment, and after kill -9, finds one text and no part of it."""
    file = tmp_path / "new" / "file.txt"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(file)]) as writer:
        deadline = time.monotonic() + 60
        while not file.exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        for _ in range(50):
            text = file.read_text()
            assert text == text[0] * 1_000_000
        writer.send_signal(signal.SIGKILL)
        writer.wait(10)
    text = file.read_text()
    assert text == text[0] * 1_000_000


@pytest.mark.parametrize(
    "text", ["", "line\n", "line\r\n", "\r", "Größe 3 °C\n", "\u2028\x00", "x" * 100_000]
)
def test_a_text_is_written_as_it_is(text: str, tmp_path: Path) -> None:
    """The file has the bytes of the text, over a former file too, and nothing else is left in its folder."""
    file = tmp_path / "file.txt"
    for former in (None, "former"):
        if former:
            file.write_text(former)
        write_whole(file, text)
        assert file.read_bytes() == text.encode()
        assert list(tmp_path.iterdir()) == [file]
