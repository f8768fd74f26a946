"""How the texts of a policy match those of a request: wildcards, variables, ARNs."""

import re
from collections.abc import Mapping
from functools import lru_cache

# A request context: the condition keys of a request, in lower case, each with its values. Most have one.
Context = Mapping[str, tuple[str, ...]]

_PARTS_OF_AN_ARN = 6
_CACHED_PATTERNS = 4096
_VARIABLE = re.compile(r"\$\{\s*([^},]+?)\s*(?:,\s*'([^']*)'\s*)?\}")
_LITERALS = {"*", "?", "$"}  # ${*} is a plain asterisk
# Characters that a value which takes a variable's place may hold, and that are none of a policy's wildcards.
_PLAIN = str.maketrans({"*": "\ue000", "?": "\ue001"})
_WILD = str.maketrans({"\ue000": "*", "\ue001": "?"})


@lru_cache(maxsize=_CACHED_PATTERNS)
def matches_action(pattern: str, action: str) -> bool:
    """Tell whether an action is one of a pattern's; case does not count."""
    return bool(_expression(pattern.lower()).fullmatch(action.lower()))


def matches_text(pattern: str, text: str) -> bool:
    """Tell whether a text is like a pattern with the wildcards * and ?."""
    return bool(_expression(pattern).fullmatch(text))


def matches_arn(pattern: str, arn: str) -> bool:
    """Tell whether an ARN is like a pattern, each of its six parts by itself: no wildcard reaches over a colon.

    In the sixth part, the resource's name, colons are plain characters. Parts that a pattern lacks may be anything.
    """
    if pattern == "*":
        return True
    expression = _arn_expression(pattern) if arn.startswith("arn:") else _expression(pattern)
    return bool(expression.fullmatch(arn))


def with_values(pattern: str, context: Context) -> str | None:
    """Return a pattern with the values of its variables, such as ${aws:PrincipalAccount}.

    None when the request has no value for one of them: such a pattern matches nothing, as on AWS.
    """
    if "${" not in pattern:
        return pattern
    missing = False

    def value(variable: re.Match[str]) -> str:
        nonlocal missing
        name, default = variable[1], variable[2]
        if name in _LITERALS:
            return name.translate(_PLAIN)
        values = context.get(name.lower(), ())
        if len(values) == 1:
            return values[0].translate(_PLAIN)
        missing = missing or default is None
        return (default or "").translate(_PLAIN)

    filled = _VARIABLE.sub(value, pattern)
    return None if missing else filled


@lru_cache(maxsize=_CACHED_PATTERNS)
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(_translated(pattern, "."), re.DOTALL)


@lru_cache(maxsize=_CACHED_PATTERNS)
def _arn_expression(pattern: str) -> re.Pattern[str]:
    parts = pattern.split(":", _PARTS_OF_AN_ARN - 1)
    parts += ["*"] * (_PARTS_OF_AN_ARN - len(parts))
    *first, name = parts
    return re.compile(
        ":".join([*(_translated(part, "[^:]") for part in first), _translated(name, ".")]), re.DOTALL
    )


def _translated(pattern: str, character: str) -> str:
    """Return a pattern as a regular expression; a wildcard stands for one or for any number of such characters."""
    wild = {"*": f"{character}*", "?": character}
    return "".join(
        wild.get(part) or re.escape(part.translate(_WILD)) for part in re.split(r"([*?])", pattern)
    )
