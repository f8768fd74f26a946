"""Markdown as GitHub renders it, from text that may hold anything."""

import re
from collections.abc import Iterable, Sequence

_LONGEST = 160  # characters of a text that is quoted
_LONGEST_BLOCK = 2000  # characters of a failure; the whole is in the log
_CONTEXT = 20  # characters before the first difference of two texts
_SPACE = re.compile(r"\s+")
_MEANING = re.compile(r"([\\`*_\[\]#!|~$])")


def code(text: object, longest: int = _LONGEST) -> str:
    """Return a text as a span of code in one line, in which nothing is markup."""
    line = shortened(_SPACE.sub(" ", str(text)).strip(), longest)
    if not line:
        return "(empty)"
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", line)), default=0))
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"


def plain(text: object, longest: int = 4 * _LONGEST) -> str:
    """Return a text in one line with markup, HTML and mentions of people escaped."""
    line = shortened(_SPACE.sub(" ", str(text)).strip(), longest)
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return (
        _MEANING.sub(r"\\\1", line)
        .replace("@", "@\N{ZERO WIDTH SPACE}")
        .replace("://", ":\N{ZERO WIDTH SPACE}//")
    )


def block(text: str) -> str:
    """Return a text as a block of code, which it cannot end."""
    content = text[:_LONGEST_BLOCK].replace("```", "'''")
    return f"```\n{content}\n```"


def shortened(text: str, longest: int) -> str:
    """Return a text, or its beginning and dots."""
    return text if len(text) <= longest else f"{text[: longest - 1]}\N{HORIZONTAL ELLIPSIS}"


def pair(before: str, after: str) -> tuple[str, str]:
    """Return two texts, without what long ones have in common at their beginning."""
    if max(len(before), len(after)) <= _LONGEST:
        return before, after
    same = next(
        (place for place, (one, other) in enumerate(zip(before, after, strict=False)) if one != other),
        min(len(before), len(after)),
    )
    start = max(0, same - _CONTEXT)
    dots = "\N{HORIZONTAL ELLIPSIS}" if start else ""
    return dots + before[start:], dots + after[start:]


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table of cells that are Markdown already; a head that ends in `:` is a column of figures."""
    rules = ["---:" if head.endswith(":") else "---" for head in heads]
    lines = [[head.removesuffix(":") for head in heads], rules, *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


def details(summary: str, lines: Sequence[str]) -> list[str]:
    """Return lines that are folded under a summary, which is text."""
    words = summary.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return [f"<details><summary>{words}</summary>", "", *lines, "", "</details>"]


def folded(summary: str, lines: Sequence[str], most: int) -> list[str]:
    """Return lines as they are, or folded when they are more than `most`."""
    return details(summary, lines) if len(lines) > most else list(lines)


def within(lines: Iterable[str], room: int, what: str) -> list[str]:
    """Return the lines that fit into so many characters, and a line that says how many more there are."""
    kept: list[str] = []
    listed = list(lines)
    for number, line in enumerate(listed):
        room -= len(line) + 1
        if room < 0:
            return [*kept, f"- and {len(listed) - number:,} more {what}, for which there is no room here"]
        kept.append(line)
    return kept
