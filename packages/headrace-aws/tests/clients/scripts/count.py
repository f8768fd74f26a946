"""What runs in the job of `process.py`: counts the files of a folder."""

import os
import sys
from pathlib import Path

folder = Path(sys.argv[sys.argv.index("--from") + 1])
found = len(list(folder.iterdir()))
(Path(os.environ["SAGEMAKER_BASE_DIR"]) / "processing/output/count/files.txt").write_text(str(found))
print("files found:", found)  # noqa: T201 - this is the job's log
