"""What the types of ordered values have in common: the least and the greatest value allowed.

In a catalogue a limit is a text in the type's own spelling, so that it is kept exactly; only an
integer's is a number.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any, Final

from strongroom.errors import InputError
from strongroom.schema.field_type import LATER, FieldType
from strongroom.schema.values import Value

LIMITS: Final = ("minimum", "maximum")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranged(FieldType):
    """A type with a `minimum` and a `maximum`, each a value that the field itself could hold."""

    minimum: Any = field(default=None, metadata=LATER)
    maximum: Any = field(default=None, metadata=LATER)

    @classmethod
    def option_in(cls, option: str, value: Any) -> Any:  # noqa: ANN401
        """Return the limit that a text spells, or another option as it is."""
        if option not in LIMITS:
            return value
        if type(value) is not str:
            raise InputError(f"{cls.name}: {option} is not a text")
        limit = cls().parse(value, option)
        if cls().format(limit) != value:
            raise InputError(f"{cls.name}: {option} is spelled in another way")
        return limit

    def _option_out(self, value: Any) -> Any:  # noqa: ANN401
        return value if value is None or isinstance(value, (bool, int)) else self._spell(value)

    def _check_declaration(self) -> None:
        for option in LIMITS:
            bound = getattr(self, option)
            if bound is None:
                continue
            stored = self._take(bound, f"{self.name}: {option}")
            if isinstance(stored, float) and not math.isfinite(stored):
                raise InputError(f"{self.name}: {option} must be finite")
            object.__setattr__(self, option, stored)  # as a value would be: a zone as its offset
        self._check_order()

    def _check_order(self) -> None:
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise InputError(f"{self.name}: minimum is above maximum")

    def _accept(self, value: object, where: str) -> Value:
        stored = self._take(value, where)
        self._check_range(stored, where)
        return stored

    def _check_range(self, value: Any, where: str) -> None:  # noqa: ANN401  # of the field's type
        # Said so that NaN, which is neither above nor below, is outside of every range.
        within = (self.minimum is None or value >= self.minimum) and (
            self.maximum is None or value <= self.maximum
        )
        if not within:
            raise InputError(f"{where} must be {self._range()}")

    def _range(self) -> str:
        least, most = (
            None if bound is None else self._spell(bound) for bound in (self.minimum, self.maximum)
        )
        if least is not None and most is not None:
            return f"between {least} and {most}"
        if least is not None:
            return f"at least {least}"
        return f"at most {most}"

    @abstractmethod
    def _take(self, value: object, where: str) -> Value:
        """Return the value to store, whatever the range is, or raise InputError."""
