"""What a team lead enters on the return page. Everything else on it is measured."""

from __future__ import annotations

from typing import Any

from django import forms

MOST = 1_000_000  # of money or minutes: beyond it an input is a slip of the finger, and products stay finite
LEVELS = (0, 1, 2, 3)


class Amount(forms.FloatField):
    """A number from 0 to `MOST`: an amount of money, or minutes. A decimal comma is read as a point."""

    def __init__(self, name: str, unit: str, *, required: bool) -> None:
        self.unit = unit
        super().__init__(
            min_value=0,
            max_value=MOST,
            required=required,
            label=f"{name}, {unit}",
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            error_messages={
                "required": f"“{name}” is empty: enter an amount in {unit}, 0 or more.",
                "invalid": f"“{name}” must be a number, such as 45 or 7.50.",
                "min_value": f"“{name}” cannot be below 0.",
                "max_value": f"“{name}” is over {MOST:,}: is the unit {unit}?",
            },
        )

    def to_python(self, value: object | None) -> float | None:
        if isinstance(value, str):
            value = value.strip().replace(",", ".")
        return super().to_python(value)


class ReturnForm(forms.Form):
    """Assumptions about one backend: what the assistant, an hour and writing it oneself cost. Money is in euros."""

    assistant_cost = Amount("Assistant, one backend", "€", required=True)
    hourly_rate = Amount("Cost of an hour", "€", required=True)
    own_minutes = Amount("Write it by hand", "min", required=False)
    own_minutes_l0 = Amount("Write it by hand at L0", "min", required=False)
    own_minutes_l1 = Amount("Write it by hand at L1", "min", required=False)
    own_minutes_l2 = Amount("Write it by hand at L2", "min", required=False)
    own_minutes_l3 = Amount("Write it by hand at L3", "min", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        names = ["own_minutes", *(f"own_minutes_l{level}" for level in LEVELS)]
        if not self.errors and all(cleaned.get(name) is None for name in names):
            self.add_error(
                "own_minutes", "“Write it by hand” is empty: without it there is nothing to compare the assistant with."
            )
        return cleaned

    def own_minutes_at(self, level: int) -> float | None:
        """Minutes to write a backend of this level oneself: entered for the level, else for all; None where neither is."""
        own: float | None = self.cleaned_data.get(f"own_minutes_l{level}")
        overall: float | None = self.cleaned_data.get("own_minutes")
        return overall if own is None else own
