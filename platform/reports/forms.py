"""What a team lead enters on the return page. Everything else on it is measured."""

from __future__ import annotations

import math
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

MOST = 1_000_000  # of money or minutes: beyond it an input is a slip of the finger, and products stay finite
LEVELS = (0, 1, 2, 3)


class Amount(forms.CharField):
    """An amount of money or of minutes, up to `MOST`. A decimal comma is read as a point."""

    def __init__(self, name: str, unit: str, *, required: bool = True, positive: bool = False) -> None:
        self.name, self.unit, self.positive = name, unit, positive
        super().__init__(
            required=required,
            label=f"{name}, {unit}",
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            error_messages={"required": f"“{name}” is empty: enter an amount in {unit}."},
        )

    def clean(self, value: Any) -> float | None:
        """The amount, or None where nothing was entered and nothing is needed."""
        text = str(super().clean(value)).strip().replace(",", ".")
        if not text:
            return None
        try:
            amount = float(text)
        except ValueError:
            amount = math.nan
        if not math.isfinite(amount):
            raise ValidationError(f"“{self.name}” must be a number, such as 45 or 7.50.")
        if amount < 0 or (self.positive and amount == 0):
            raise ValidationError(f"“{self.name}” must be {'more than 0' if self.positive else '0 or more'}.")
        if amount > MOST:
            raise ValidationError(f"“{self.name}” is over {MOST:,}: is the unit {self.unit}?")
        return amount


class ReturnForm(forms.Form):
    """Assumptions about one backend. Money is in euros; a time per level takes the place of the time for all."""

    own_minutes = Amount("Write it by hand", "min", required=False, positive=True)
    own_minutes_l0 = Amount("Write it by hand at L0", "min", required=False, positive=True)
    own_minutes_l1 = Amount("Write it by hand at L1", "min", required=False, positive=True)
    own_minutes_l2 = Amount("Write it by hand at L2", "min", required=False, positive=True)
    own_minutes_l3 = Amount("Write it by hand at L3", "min", required=False, positive=True)
    hourly_rate = Amount("Cost of an hour", "€", positive=True)
    assistant_cost = Amount("Assistant, one backend", "€")
    other_minutes = Amount("Prompting, review, later defects", "min", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        entered = [cleaned.get(name) for name in ("own_minutes", *(f"own_minutes_l{level}" for level in LEVELS))]
        if not self.errors and not any(entered):
            self.add_error(
                "own_minutes", "“Write it by hand” is empty: there is nothing to compare the assistant with."
            )
        return cleaned

    def own_minutes_at(self, level: int) -> float | None:
        """Minutes to write a backend of this level oneself: entered for the level, else for all; None if neither is."""
        own: float | None = self.cleaned_data.get(f"own_minutes_l{level}")
        overall: float | None = self.cleaned_data.get("own_minutes")
        return overall if own is None else own

    @property
    def enters_levels(self) -> bool:
        """Whether a time for a single level was entered."""
        return any(self.data.get(f"own_minutes_l{level}") for level in LEVELS)

    @property
    def problems(self) -> list[str]:
        """A sentence for every input that cannot be used."""
        return [str(sentence) for sentences in self.errors.values() for sentence in sentences]
