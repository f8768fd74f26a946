"""Text files that a person wrote or named."""

from pathlib import Path

from headrace.errors import ConfigurationError
from headrace.unforeseen import system_words


def file_text(file: Path, option: str = "") -> str:
    """Return the text of a file, UTF-8; raise `ConfigurationError`, with the option that named it, when it has none."""
    named = f"{option}: " if option else ""
    try:
        if file.is_char_device() or file.is_block_device():
            raise ConfigurationError(f"{named}{file} is a device; name a file")
        content = file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{named}{system_words(error)}") from error
    return utf8_text(content, f"{named}{file}")


def utf8_text(content: bytes, name: str) -> str:
    """Return what bytes say in UTF-8, without the mark that Windows begins with; raise `ConfigurationError`."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(
            f"{name} is no UTF-8 (byte {error.start + 1}, line {line}); save it as UTF-8"
        ) from error
