"""Texts that a careless backend changes, refuses to find again, or stumbles over."""

from __future__ import annotations

TEXTS = {
    "accents": "Crème brûlée in Łódź, naïve Ærøskøbing",
    "scripts": "日本語, العربية, עברית, हिन्दी",
    "emoji": "🚀 to 👩‍👩‍👧 in 🇪🇺",
    "quotes": '“So” she said: "it\'s" `that` \\ this',
    "percent": "100% of %s and %d, %20 and %%",
    "underscore": "__proto__ and snake_case_ and _",
    "markup": "<script>alert('x')</script> & &amp; <b>bold</b>",
    "sql": "Robert'); DROP TABLE articles; -- or 1=1",
    "lines": "first\nsecond\ttabbed\r\nthird",
    "long": "lorem " * 1666 + "ipsum",
}


def joined(*kinds: str) -> str:
    """One text that holds these kinds of text."""
    return " ".join(TEXTS[kind] for kind in kinds)
