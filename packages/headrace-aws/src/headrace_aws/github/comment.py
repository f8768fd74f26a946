"""The one comment of a pull request: sections, each written by a workflow of its own, updated in place."""

import re
from collections.abc import Mapping

from headrace.errors import GitHubError
from headrace_aws.github.api import GitHub, is_by_bot

MARKER = "<!-- headrace -->"  # begins our comment; GitHub does not show it
SECTION = re.compile(
    r"^<!-- headrace:section (?P<name>[a-z-]+) -->\n(?P<text>.*?)\n<!-- headrace:end -->$",
    re.DOTALL | re.MULTILINE,
)
LIMIT = 65_536  # characters of a comment
CUT = "\n\n*Cut here: a comment holds no more. The whole is in the job's summary{run}.*"
ROOM_FOR_ENDS = 200  # characters kept free to close what a cut leaves open
ATTEMPTS = 3


def update_section(github: GitHub, pull: int, section: str, markdown: str, run: str = "") -> None:
    """Write a section of the comment of a pull request; other sections stay, and the comment is made if there is none.

    Only comments of a bot count, as anybody can write one that looks the same. GitHub has no conditional write, so
    the result is read again: a section that another workflow overwrote is written again, and of two comments the
    older one gets the sections of both.

    Raises:
        GitHubError: GitHub refused, or others kept writing over the section.
    """
    for _ in range(ATTEMPTS):
        ours = comments(github, pull)
        sections = {name: text for body in ours.values() for name, text in sections_of(body).items()}
        body = comment(sections, section, markdown, run)
        if not ours:
            made = github.call("POST", f"issues/{pull}/comments", {"body": body})
            if not is_by_bot(made):
                return  # a person's token: nobody else writes into that comment
        else:
            first, *others = ours
            github.call("PATCH", f"issues/comments/{first}", {"body": body})
            for other in others:
                github.call("DELETE", f"issues/comments/{other}")
        written = list(comments(github, pull).values())
        if len(written) == 1 and sections_of(written[0]).get(section) == sections_of(body)[section]:
            return
    raise GitHubError(
        f"the comment of pull request {pull} was overwritten {ATTEMPTS} times; run the job again"
    )


def comments(github: GitHub, pull: int) -> dict[int, str]:
    """Return our comments of a pull request by their number, the oldest first."""
    return {
        each["id"]: each["body"].replace("\r\n", "\n")
        for each in github.pages(f"issues/{pull}/comments")
        # At its very beginning: a reply that quotes the comment is another's.
        if each["body"].startswith(MARKER) and is_by_bot(each)
    }


def sections_of(body: str) -> dict[str, str]:
    """Return the text of each section of a comment by its name."""
    return {found["name"]: found["text"] for found in SECTION.finditer(body)}


def comment(sections: Mapping[str, str], section: str, markdown: str, run: str = "") -> str:
    """Return a comment with a section replaced or added, cut so that it fits beside the others.

    `run` is the address of the run whose summary holds the whole.
    """
    # The text of a section must not end it.
    text = markdown.strip().replace("\r\n", "\n").replace("<!-- headrace", "<!-- ")
    room = LIMIT - len(_body({**sections, section: ""}))
    return _body({**sections, section: cut(text, room, run)})


def cut(text: str, limit: int, run: str = "") -> str:
    """Return the text, or as many of its first lines as fit, and a sentence that says where the whole is.

    A fence of code or a `<details>` that the cut leaves open is closed.
    """
    if len(text) <= limit:
        return text
    note = CUT.format(run=f": {run}" if run else "")
    room = limit - len(note) - ROOM_FOR_ENDS
    kept = text[: max(room, 0)].split("\n")[:-1]
    return "\n".join(kept) + _ends(kept) + note


def _ends(lines: list[str]) -> str:
    """Return what closes the fence and the `<details>` that these lines leave open."""
    fence = sum(line.startswith("```") for line in lines) % 2
    details = sum(line.count("<details") - line.count("</details>") for line in lines)
    return "\n```" * fence + "\n\n</details>" * details


def _body(sections: Mapping[str, str]) -> str:
    parts = (
        f"<!-- headrace:section {name} -->\n{text}\n<!-- headrace:end -->" for name, text in sections.items()
    )
    return "\n\n".join([MARKER, *parts])
