"""The small parts that every page shares, one tag each; their look is decided in static/amend/amend.css."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

OUTCOME_WORDS = {
    "passed": ("passed", "passed"),
    "failed": ("failed", "failed"),
    "not_reached": ("unreached", "not reached"),
    "unstable": ("unstable", "unstable"),
    "void": ("void", "void"),
    "fixed": ("fixed", "fixed"),
    "broken": ("broken", "broken"),
    "same": ("same", "still red"),
}


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """A drawing of the sprite; decoration only, so hidden from screen readers."""
    return format_html(
        '<svg class="i {}" aria-hidden="true"><use href="{}#{}"/></svg>',
        classes,
        static("amend/icons/sprite.svg"),
        name,
    )


@register.simple_tag
def level(number: int) -> SafeString:
    """The level's letter with its bar glyph: as many filled bars as constraints, plus one."""
    bars = format_html(
        '<rect x="0" y="8.0" width="3" height="4.0" rx="0.8"/>'
        '<rect x="4" y="5.6" width="3" height="6.4" rx="0.8"{}/>'
        '<rect x="8" y="3.2" width="3" height="8.8" rx="0.8"{}/>'
        '<rect x="12" y="0.8" width="3" height="11.2" rx="0.8"{}/>',
        *(SafeString(' class="off"') if number < bar else "" for bar in (1, 2, 3)),
    )
    return format_html(
        '<span class="level l{}"><svg viewBox="0 0 15 12" aria-hidden="true">{}</svg>L{}</span>', number, bars, number
    )


@register.simple_tag
def outcome(name: str, count: int | None = None, word: str = "") -> SafeString:
    """An outcome as shape, colour and word, with a count where one is given."""
    look, default_word = OUTCOME_WORDS[name]
    number = format_html("<b>{}</b> ", count) if count is not None else ""
    return format_html('<span class="out o-{}">{} {}{}</span>', look, icon(look), number, word or default_word)


@register.simple_tag
def seeded(use: str) -> SafeString:
    """The chip of everything that comes from a fault we put there; nothing where `use` is empty."""
    if not use:
        return SafeString("")
    return format_html('<span class="chip synthetic">seeded · {}</span>', {"gold": "gold task"}.get(use, use))


@register.simple_tag
def tally(passed: int, failed: int, not_reached: int, unstable: int = 0, to_come: int = 0) -> SafeString:
    """The bar of a verdict: its outcomes in proportion. Lengths are SVG attributes, never styles."""
    counts = (
        ("passed", "passed", passed),
        ("failed", "failed", failed),
        ("unstable", "unstable", unstable),
        ("unreached", "not reached", not_reached),
        ("todo", "to come", to_come),
    )
    total = max(sum(count for _, _, count in counts), 1)
    parts, words, x = [], [], 0.0
    for look, word, count in counts:
        width = 1000 * count / total
        if count:
            # format_html makes text of every value first: numbers are formatted before.
            parts.append(
                format_html('<rect class="f-{}" x="{}" y="0" width="{}" height="6"/>', look, f"{x:.1f}", f"{width:.1f}")
            )
        if count or look not in {"unstable", "todo"}:
            words.append(f"{count} {word}")
        x += width
    return format_html(
        '<svg class="tally" viewBox="0 0 1000 6" height="6" preserveAspectRatio="none" role="img" '
        'aria-label="{}">{}</svg>',
        ", ".join(words),
        SafeString("".join(parts)),
    )


@register.filter
def of(found: Mapping[str, object], key: str) -> object | None:
    """What a mapping has under a key; None where it has nothing."""
    return found.get(key)


@register.filter
def milliseconds(seconds: float) -> str:
    """Seconds as milliseconds: one decimal below ten."""
    return f"{1000 * seconds:.1f}" if seconds < 0.00995 else f"{1000 * seconds:,.0f}"


@register.filter
def minutes(seconds: float | None) -> str:
    """Seconds as m:ss, or h:mm:ss from an hour on; a dash where there is no value."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02}:{whole % 60:02}"
    return f"{whole // 60}:{whole % 60:02}"


@register.filter
def percent(share: float | None) -> str:
    """A share of 0 to 1 as a percentage without decimals; 100 % only where nothing is missing."""
    if share is None:
        return "–"
    if 0.995 <= share < 1:
        return "99 %"
    return f"{100 * share:.0f} %"
