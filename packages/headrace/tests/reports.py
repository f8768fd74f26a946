"""Reports of synthetic rows, from which each test departs in one respect."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

import numpy as np
import polars as pl

from headrace.arrays import Labels, Scores
from headrace.evaluation import Evaluation, ModelFacts, Rule, Slice, Verdict
from headrace.features import category, number
from headrace.metrics import metrics_of
from headrace.profile import Profile, SplitProfile, feature_profiles
from headrace.report.evaluation import evaluation_report
from headrace.uncertainty import gain_of

VOID = frozenset({"meta", "br", "hr", "img", "input", "link", "base", "source", "col", "embed"})

LOADING = frozenset(
    {"script", "link", "img", "image", "iframe", "object", "embed", "base", "form", "use", "foreignobject"}
)

# Markup for wherever a name or a text may come from data.
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"' onload='x' </svg></style>{{ 7*7 }} & "


@dataclass
class Document(HTMLParser):
    """An HTML document, taken apart; parsing fails when a tag is left open or closed twice."""

    html: str
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    style: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self.feed(self.html)
        self.close()
        assert not self._open, f"left open: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop() == tag, f"</{tag}> does not close the innermost element"

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["style"]:
            self.style += data
        elif data.strip():
            self.texts.append(" ".join(data.split()))

    @property
    def text(self) -> str:
        """All words on the page, outside of attributes."""
        return " ".join(self.texts)

    def assert_is_harmless_and_whole(self) -> None:
        """It loads nothing, its sections are linked, and its drawings are described."""
        self._assert_loads_nothing()
        self._assert_sections_are_linked()
        self._assert_drawings_are_described()

    def assert_adds_no_markup(self, ordinary: "Document", *names: str) -> None:
        """`HOSTILE` before any name is shown as it is, and adds no element that loads and no attribute."""
        assert not LOADING & {tag for tag, _ in self.tags}
        assert {name for _, attributes in self.tags for name in attributes} <= {
            name for _, attributes in ordinary.tags for name in attributes
        }
        for name in names:
            assert " ".join((HOSTILE + name).split()) in self.text

    def _assert_loads_nothing(self) -> None:
        """The document names no other file and no address, holds no script, and forbids the browser both."""
        assert not LOADING & {tag for tag, _ in self.tags}
        for tag, attributes in self.tags:
            assert not {
                name for name in attributes if name.startswith("on") or name in {"src", "srcset", "data"}
            }
            assert (attributes.get("href") or "#").startswith("#"), tag
        assert "://" not in self.html
        assert "url(" not in self.style
        assert "@import" not in self.style
        policies = [
            each for each in self.elements("meta") if each.get("http-equiv") == "Content-Security-Policy"
        ]
        assert [each["content"] for each in policies] == ["default-src 'none'; style-src 'unsafe-inline'"]

    def _assert_sections_are_linked(self) -> None:
        """Each section has an id that occurs once, and the navigation leads to each."""
        ids = [str(attributes["id"]) for _, attributes in self.tags if "id" in attributes]
        assert len(set(ids)) == len(ids) > 0
        assert [each["href"] for each in self.elements("a")] == [f"#{name}" for name in ids]

    def _assert_drawings_are_described(self) -> None:
        """Who cannot see a chart is told what it shows; a sketch repeats what stands beside it."""
        for drawing in self.elements("svg"):
            described = drawing.get("role") == "img" and bool(drawing.get("aria-label"))
            assert described or drawing.get("aria-hidden") == "true"

    def elements(self, name: str) -> list[dict[str, str | None]]:
        """Return the attributes of each element of that name."""
        return [attributes for tag, attributes in self.tags if tag == name]


@dataclass(frozen=True)
class Examples:
    """Synthetic rows: labels, scores that fit them, worse scores, and a category."""

    label: Labels
    score: Scores
    champion_score: Scores | None
    carrier: list[str]

    def first(self, rows: int) -> "Examples":
        """Return the first rows, without a champion."""
        return Examples(self.label[:rows], self.score[:rows], None, self.carrier[:rows])


def examples(rows: int) -> Examples:
    """Return rows whose labels are drawn with the scores as their probabilities, and a champion that knows less."""
    random = np.random.default_rng(rows)
    odds = random.normal(-1.2, 0.9, rows)
    score = 1 / (1 + np.exp(-odds))
    return Examples(
        label=(random.random(rows) < score).astype(np.int8),
        score=score,
        champion_score=1 / (1 + np.exp(-odds - random.normal(0, 1, rows))),
        carrier=random.choice(["AA", "B6", "UA"], rows).tolist(),
    )


def model_facts(word: str) -> ModelFacts:
    """Return what made a model; `word` is put wherever a text may come from data."""
    return ModelFacts(
        package=f"{word}package",
        commit=f"{word}commit",
        code_fingerprint="c0de" * 16,
        data_fingerprint="da7a" * 16,
        created_at="2026-01-22T11:20:31Z",
        hyperparameters={f"{word}depth": 5, "objective": f"{word}logistic"},
        rounds=412,
        versions={"python": f"{word}3.11"},
    )


def report_of(  # noqa: PLR0913 - each is a way to depart from the ordinary
    rows: Examples,
    *,
    sliced: bool = True,
    word: str = "",
    rules: tuple[Rule, ...] = (),
    extra_features: int = 0,
    importance: Mapping[str, float] | None = None,
) -> Document:
    """Return the report of rows; `word` is put wherever a name or a text may come from data."""
    passed = all(rule.passed for rule in rules)
    label, score, champion_score = rows.label, rows.score, rows.champion_score
    values = np.array(rows.carrier)
    numbers = {
        f"{word}number {index}": np.linspace(-1, index, label.size) for index in range(extra_features + 1)
    }
    frame = pl.DataFrame({f"{word}carrier": rows.carrier, **numbers})
    features = (category(f"{word}carrier"), *(number(name) for name in numbers))
    part = SplitProfile(
        rows=label.size,
        positive_share=float(label.mean()),
        first="2013-01-01T10:00:00Z",
        last="2013-03-01T10:00:00Z",
    )
    return Document(
        evaluation_report(
            Evaluation(
                model=model_facts(word),
                tested_from="2013-10-18T12:00:00Z",
                tested_until="2013-12-31T23:00:00Z",
                metrics=metrics_of(label, score),
                constant=metrics_of(label, np.full(label.size, 0.25)),
                gain=gain_of(label, score, np.full(label.size, 0.25)),
                champion=None if champion_score is None else metrics_of(label, champion_score),
                champion_note="" if champion_score is not None else f"{word}none is approved yet",
                slices=tuple(
                    Slice(
                        column=f"{word}carrier",
                        value=value,
                        metrics=metrics_of(label[values == value], score[values == value]),
                    )
                    for value in sorted(set(rows.carrier))
                    if sliced
                ),
                verdict=Verdict(
                    passed=passed,
                    decision="pass" if passed else "refuse",
                    summary=f"{word}The summary of the verdict.",
                    rules=rules,
                ),
            ),
            Profile(
                data_fingerprint="da7a" * 16,
                raw_rows={f"{word}flights": 1234},
                unlabelled_rows=56,
                splits=dict.fromkeys(("train", f"{word}validation", "test"), part),
                features=feature_profiles(frame, features),
            ),
            label=label,
            score=score,
            champion_score=champion_score,
            importance={feature.name: 2.0 for feature in features} if importance is None else importance,
            title=f"{word}Evaluation of a model",
        )
    )
