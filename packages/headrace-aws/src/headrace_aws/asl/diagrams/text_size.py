"""How wide a text is, and where it breaks, without a font at hand."""

# Shares of the font size, taken from DejaVu Sans, the widest of the fonts that `style.css` may meet.
_NARROW = dict.fromkeys("iljI.,:;'|!()[] ", 0.38) | dict.fromkeys("ftr-/", 0.43)
_WIDE = dict.fromkeys("mwMW@%", 0.95) | dict.fromkeys("ABCDEFGHKNOPQRSTUVXYZ_&≤≥<=>+", 0.74)
_OTHER = 0.62
_BOLD = 1.08


def width(text: str, size: float, *, is_bold: bool = False) -> float:
    """Return the width of a text in pixels, rather too large than too small; `size` is the font's, in pixels."""
    total = sum(_NARROW.get(letter) or _WIDE.get(letter) or _OTHER for letter in text)
    return total * size * (_BOLD if is_bold else 1.0)


def broken(text: str, size: float, limit: float, lines: int, *, is_bold: bool = False) -> list[str]:
    """Return the text in lines no wider than the limit; what does not fit into so many lines ends in an ellipsis."""
    found: list[str] = []
    for word in text.split():
        longer = f"{found[-1]} {word}" if found else word
        if found and width(longer, size, is_bold=is_bold) <= limit:
            found[-1] = longer
        else:
            found.append(word)
    if len(found) > lines:
        found = [*found[: lines - 1], " ".join(found[lines - 1 :])]
    return [_shortened(line, size, limit, is_bold=is_bold) for line in found]


def _shortened(text: str, size: float, limit: float, *, is_bold: bool) -> str:
    if width(text, size, is_bold=is_bold) <= limit:
        return text
    while text and width(f"{text}…", size, is_bold=is_bold) > limit:
        text = text[:-1]
    return f"{text.rstrip()}…"
