"""What stands after a row of deployments, and what would be put back."""

import pytest

from headrace_aws.release.ledger import Deployment, effective, former
from headrace_aws.release.listing import listing_lines


def deployments(row: str) -> list[Deployment]:
    """Return the deployments that a row such as `A B! C<A` means: `!` failed, `?` was cut off, `<` put back.

    `<!` is a way back that failed.
    """
    statuses = {"!": "failed", "?": "started", "<": "rolled-back", "<!": "failed", "<?": "started"}
    return [
        Deployment.model_validate(
            {
                "release": f"{ord(word[0]):06}-{'0' * 12}",
                "commit": "c" * 40,
                "image_digest": "sha256:",
                "manifest_hash": "",
                "model": "flights",
                "who": "arn:aws:sts::333333333333:assumed-role/deploy/somebody",
                "run": "",
                "started_at": f"2026-01-01T00:{minute:02}:00.000Z",
                "goes_back": "<" in word,
                "ended_at": "" if word[1:] == "?" else f"2026-01-01T00:{minute:02}:05.500Z",
                "status": statuses.get(word[1:], "deployed"),
            }
        )
        for minute, word in enumerate(row.split())
    ]


@pytest.mark.parametrize(
    ("row", "in_place", "put_back"),
    [
        ("", "", ""),
        ("A", "A", ""),
        ("A!", "", ""),
        ("A A", "A", ""),  # the same again
        ("A B", "AB", "A"),
        ("A B!", "A", "A"),  # B failed half way: A is put back
        ("A B?", "A", "A"),  # or was cut off
        ("A B A<", "A", ""),
        ("A B! A<", "A", ""),
        ("A B C B< ", "AB", "A"),
        ("A B A< C", "AC", "A"),  # not B, which was taken back
        ("A B A< B", "AB", "A"),  # B was tried again
        ("A B C A<", "A", ""),
        ("A B A<!", "AB", "A"),  # the way back failed: it is the same again
        ("A B A<?", "AB", "A"),
        ("A B A<! A<", "A", ""),
        ("B<", "B", ""),  # what came before it is not remembered
    ],
)
def test_effective_and_former(row: str, in_place: str, put_back: str) -> None:
    """Rollback goes to what stood before the newest deployment, well ended or not, and never to what was taken back."""
    given = deployments(row)
    assert "".join(chr(int(one.release[:6])) for one in effective(given)) == in_place
    found = former(given)
    assert (chr(int(found.release[:6])) if found else "") == put_back


def test_the_list_shows_the_newest_first() -> None:
    """`*` marks what is in place, and a deployment that never ended is seen."""
    lines = listing_lines(deployments("A B! A< C?"))
    assert [line.split()[-1] for line in lines[1:]] == ["-"] * 4
    assert "interrupted or running" in lines[1]
    assert lines[2].startswith("*  2026-01-01 00:02:00  000065-000000000000  put back")
    assert "5.5 s" in lines[2]
    assert "failed" in lines[3]
    assert "deployed/somebody" not in lines[4]
