"""The templates: one page that all reports share, and what each puts on it."""

from importlib.resources import files

import jinja2

from headrace.report import numbers
from headrace.report.sketches import compared, sketch


def rendered(name: str, **content: object) -> str:
    """Return the HTML document of `<name>.html.jinja`; whatever comes from data is escaped.

    The page itself wants `title` and `sections`, pairs of an id and a name for the navigation.
    """
    return _environment().get_template(f"{name}.html.jinja").render(content)


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_text),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        count=numbers.count,
        figure=numbers.figure,
        signed=numbers.signed,
        percent=numbers.percent,
        quantity=numbers.quantity,
        factor=numbers.factor,
        moment=numbers.moment,
        day=numbers.day,
        sketch=sketch,
        compared=compared,
    )
    environment.globals["style"] = _text("style.css")
    return environment


def _text(name: str) -> str:
    return files("headrace.report").joinpath(name).read_text(encoding="utf-8")
