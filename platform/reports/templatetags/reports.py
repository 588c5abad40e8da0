"""How the reports print numbers: with as many digits as they deserve, and never without their interval."""

from __future__ import annotations

from django import template

from analysis.bootstrap import Interval
from reports.effort_report import minutes_text
from reports.return_report import money as money_text

register = template.Library()


@register.filter
def active(minutes: float | None) -> str:
    """Minutes; a dash where there is no value."""
    return "–" if minutes is None else minutes_text(minutes).replace("-", "−")


@register.filter
def span(interval: Interval | None) -> str:
    """An interval of minutes, as `31 to 58`."""
    return "–" if interval is None else f"{active(interval.low)} to {active(interval.high)}"


@register.filter
def money(amount: float | None) -> str:
    return "–" if amount is None else money_text(amount)


@register.filter
def money_span(interval: Interval | None) -> str:
    """An interval of money, as `€23 to €128`."""
    return "–" if interval is None else f"{money_text(interval.low)} to {money_text(interval.high)}"


@register.filter
def share(value: float | None) -> str:
    """A share of 0 to 1 in per cent without the sign; 100 only where nothing is missing."""
    if value is None:
        return "–"
    return "99" if 0.995 <= value < 1 else f"{100 * value:.0f}"


@register.filter
def share_span(interval: Interval | None) -> str:
    return "–" if interval is None else f"{share(interval.low)} to {share(interval.high)}"


@register.filter
def probability(value: float | None) -> str:
    """A probability in per cent that never claims certainty."""
    if value is None:
        return "–"
    if value > 0.99:
        return "> 99 %"
    return "< 1 %" if value < 0.01 else f"{100 * value:.0f} %"
