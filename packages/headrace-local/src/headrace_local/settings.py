"""What a local AWS is given: its account, its region, and what stands for the images of its jobs.

They are kept in its folder as `settings.json`, so that `up` without any starts it as it was.
"""

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from headrace_local import strict_json
from headrace_local.errors import LocalAwsError
from headrace_local.files import settings_file

ANY = "*"


@dataclass(frozen=True)
class Image:
    """What stands for a container image, as no container runs here: a Python, and folders of modules.

    `repository` is the image's name in ECR, whatever its registry, tag or digest; `*` stands for every image.
    `modules` come first on the search path of a job. With `requirements`, a locked requirements file, a job sees the
    packages that it names and no other that is installed; without, it sees all of them.
    The image's programs, such as `train` and `serve`, are those beside `python`.
    """

    repository: str
    modules: tuple[str, ...] = ()
    requirements: str = ""
    python: str = sys.executable


@dataclass(frozen=True)
class Settings:
    """The account (12 digits) and the region of a request that names no other, and the images."""

    account: str = "000000000000"
    region: str = "us-east-1"
    images: tuple[Image, ...] = ()

    def image(self, uri: str) -> Image | None:
        """Return what stands for the image of that URI, None when nothing does."""
        repository = uri.partition("@")[0].rpartition("/")[2].partition(":")[0]
        return next((image for image in self.images if image.repository in {repository, ANY}), None)


def save(home: Path, settings: Settings) -> None:
    """Keep the settings of a home."""
    home.mkdir(parents=True, exist_ok=True)
    new = settings_file(home).with_suffix(".new")
    new.write_text(f"{strict_json.dumps(asdict(settings), indent=2)}\n", encoding="utf-8")
    new.replace(settings_file(home))


def load(home: Path) -> Settings:
    """Return the settings of a home, the defaults where there are none.

    Raises `LocalAwsError` when they cannot be read.
    """
    file = settings_file(home)
    try:
        return _settings(strict_json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Settings()
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        reason = str(error) if isinstance(error, ValueError) else "it holds no settings of a local AWS"
        raise LocalAwsError(
            f"{file} cannot be read ({reason}); remove it and start the local AWS anew"
        ) from error


def _settings(content: Mapping[str, Any]) -> Settings:
    images = tuple(Image(**_known(Image, image)) for image in content["images"])
    return Settings(**{**_known(Settings, content), "images": images})


def _known(kind: type, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a class that the content has; another version may have written more, or fewer."""
    named = {field.name: content[field.name] for field in fields(kind) if field.name in content}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in named.items()}
