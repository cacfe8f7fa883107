"""How an index is declared: in Python, on the command line, in a schema's file.

    exact:email,normaliser=email,unique       compound:ward+smoker,bits=12
    prefix:name,lengths=2-3-4-6               words:name        trigram:name
    range:born,min=1900-01-01,max=2049-12-31,step=1,fanout=16

A declaration says what is wanted; `BlindIndex` is what became of it in one table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from strongroom.errors import InputError
from strongroom.schema.search.index import BlindIndex, Kind
from strongroom.schema.search.normalise import normaliser_called
from strongroom.schema.table import Field

MOST_PARTITIONS: Final = 64
_MOST_REASON: Final = 500
_DEFAULT_LENGTHS: Final = (2, 3, 4, 6)
_MOST_LENGTH: Final = 64
_DEFAULT_FANOUT: Final = 16
_MOST_FANOUT: Final = 64
_MOST_BITS: Final = 256
_LEAST_UNIQUE: Final = 128
_MOST_FIELDS: Final = 8
_OWN: Final = {
    "lengths": (Kind.PREFIX,),
    "minimum": (Kind.RANGE,),
    "maximum": (Kind.RANGE,),
    "step": (Kind.RANGE,),
    "fanout": (Kind.RANGE,),
    "unique": (Kind.EXACT, Kind.COMPOUND),
}
_SPELLED: Final = {"min": "minimum", "max": "maximum"}
_NUMBERS: Final = frozenset({"bits", "partitions", "fanout"})
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")
_EXAMPLE: Final = "for example: exact:email,normaliser=email or range:born,min=1900-01-01"


@dataclass(frozen=True, slots=True)
class Index:
    """What is wanted of an index. Made by the method that is called like its kind.

    Attributes:
        kind: what can be asked of it.
        fields: the names of its fields.
        normaliser: what is done to texts before they are compared: ``exact``, ``folded``,
            ``unaccented``, ``digits``, ``phone`` or ``email``; None: exact for exact and compound
            indexes, folded for the others.
        bits: how many bits of a token are kept, 1 to 256; None: as many as suit the table.
        partitions: over how many tokens equal values are spread, 1 to 64.
        unique: whether no two records may have the same value; it needs 128 bits or more.
        lengths: prefix: the lengths that are indexed, in characters; a shorter needle finds
            nothing and is refused.
        minimum: range: the least value expected, of the field's type; None: the field's own.
        maximum: range: the greatest, likewise. Others are found too, only not as fast.
        step: range: how far apart two positions are: an integer; a decimal; days; seconds.
        fanout: range: 2 to 64: many means fewer tokens stored and more asked.
        name: what it is called; None: after its fields and kind.
        accept: why what it gives away is acceptable, 1 to 500 characters; None: it is not.
    """

    kind: Kind
    fields: tuple[str, ...]
    normaliser: str | None = None
    bits: int | None = None
    partitions: int = 1
    unique: bool = False
    lengths: tuple[int, ...] | None = None
    minimum: Any = None
    maximum: Any = None
    step: Any = None
    fanout: int | None = None
    name: str | None = None
    accept: str | None = None

    @classmethod
    def exact(cls, field: str, **options: Any) -> Index:  # noqa: ANN401  # the attributes above
        """Find a record by one field's value."""
        return cls(Kind.EXACT, (field,), **options)

    @classmethod
    def compound(cls, *names: str, **options: Any) -> Index:  # noqa: ANN401
        """Find a record by several fields' values together."""
        return cls(Kind.COMPOUND, names, **options)

    @classmethod
    def prefix(cls, field: str, **options: Any) -> Index:  # noqa: ANN401
        """Find a record by how a text begins."""
        return cls(Kind.PREFIX, (field,), **options)

    @classmethod
    def words(cls, field: str, **options: Any) -> Index:  # noqa: ANN401
        """Find a record by words of a text."""
        return cls(Kind.WORDS, (field,), **options)

    @classmethod
    def trigram(cls, field: str, **options: Any) -> Index:  # noqa: ANN401
        """Find a record by three or more characters that stand together in a text."""
        return cls(Kind.TRIGRAM, (field,), **options)

    @classmethod
    def range(cls, field: str, **options: Any) -> Index:  # noqa: ANN401
        """Find a record by the range that a value lies in."""
        return cls(Kind.RANGE, (field,), **options)

    def __post_init__(self) -> None:
        if not isinstance(self.kind, Kind):
            raise InputError("there is no such kind of index", hint=_kinds())
        self._check_fields()
        if self.normaliser is not None:
            normaliser_called(self.normaliser)
        for option, most in (("bits", _MOST_BITS), ("partitions", MOST_PARTITIONS)):
            self._check_number(option, 1, most)
        self._check_number("fanout", 2, _MOST_FANOUT)
        for option, kinds in _OWN.items():
            if getattr(self, option) not in (None, False) and self.kind not in kinds:
                raise InputError(f"{option} is no option of an index of the kind {self.kind}")
        self._check_lengths()
        self._check_unique()
        reason = self.accept
        if reason is not None and (type(reason) is not str or not 1 <= len(reason) <= _MOST_REASON):
            raise InputError(f"the reason to accept leakage has 1 to {_MOST_REASON} characters")

    @property
    def called(self) -> str:
        """The index's name."""
        return self.name or "_".join((*self.fields, str(self.kind)))

    @property
    def prefix_lengths(self) -> tuple[int, ...]:
        """The lengths of a prefix index, ascending; of others none."""
        return (self.lengths or _DEFAULT_LENGTHS) if self.kind is Kind.PREFIX else ()

    @property
    def range_fanout(self) -> int:
        """The fan-out of a range index."""
        return self.fanout or _DEFAULT_FANOUT

    def _check_fields(self) -> None:
        if type(self.fields) is not tuple or any(type(one) is not str for one in self.fields):
            raise InputError("the fields of an index are given by their names")
        most = _MOST_FIELDS if self.kind is Kind.COMPOUND else 1
        least = 2 if self.kind is Kind.COMPOUND else 1
        if not least <= len(self.fields) <= most or len(set(self.fields)) != len(self.fields):
            of = f"{least} to {most} different fields" if most > 1 else "one field"
            raise InputError(f"an index of the kind {self.kind} is over {of}")

    def _check_number(self, option: str, least: int, most: int) -> None:
        value = getattr(self, option)
        if value is not None and (type(value) is not int or not least <= value <= most):
            raise InputError(f"{option} is an integer from {least} to {most}")

    def _check_lengths(self) -> None:
        lengths = self.lengths
        if lengths is None:
            return
        fits = type(lengths) is tuple and all(
            type(one) is int and 1 <= one <= _MOST_LENGTH for one in lengths
        )
        if not fits or not lengths or list(lengths) != sorted(set(lengths)):
            raise InputError(f"lengths are different integers from 1 to {_MOST_LENGTH}, ascending")

    def _check_unique(self) -> None:
        if type(self.unique) is not bool:
            raise InputError("unique is either True or False")
        if not self.unique:
            return
        if self.partitions != 1:
            raise InputError("a unique index has one partition: equal values must be seen as equal")
        if self.bits is not None and self.bits < _LEAST_UNIQUE:
            raise InputError(
                f"a unique index needs {_LEAST_UNIQUE} bits or more",
                hint="with fewer, different values would be refused as if they were the same",
            )


def parse_index(text: str) -> Index:
    """Return the index that a text of the form KIND:FIELD[+FIELD][,OPTION=VALUE]… declares.

    Raises:
        InputError: it is spelled otherwise, or the options do not go together.
    """
    head, *options = text.split(",")
    word, colon, names = head.partition(":")
    if not colon or word not in list(Kind):
        raise InputError("an index is declared as KIND:FIELD", hint=_kinds())
    given: dict[str, Any] = {}
    for option in options:
        spelled, equals, value = option.partition("=")
        name = _SPELLED.get(spelled, spelled)
        known = name in _options() and bool(equals) is (name != "unique")
        if not known or name in given:
            raise InputError(
                "an index has no such option, or it is given twice",
                hint=f"the options: {', '.join(sorted(_options()))}",
            )
        given[name] = _option(name, value)
    return Index(Kind(word), tuple(names.split("+")), **given)


def spell_index(index: BlindIndex, over: Sequence[Field]) -> str:
    """Return what `parse_index` reads as the declaration of an index, but for its name.

    Args:
        index: as the catalogue has it.
        over: its fields.
    """
    parts = [f"{index.kind}:{'+'.join(one.name for one in over)}", f"bits={index.bits}"]
    normaliser = max(part.normaliser for part in index.parts)
    if normaliser or index.kind in (Kind.PREFIX, Kind.WORDS, Kind.TRIGRAM):
        parts.append(f"normaliser={normaliser.word}")
    if index.partitions != 1:
        parts.append(f"partitions={index.partitions}")
    if index.unique:
        parts.append("unique")
    if index.lengths:
        parts.append(f"lengths={'-'.join(str(one) for one in index.lengths)}")
    if index.span is not None:
        least, most = index.span.limits
        parts += [f"min={least}", f"max={most}", f"step={index.span.step}"]
        parts.append(f"fanout={index.span.fanout}")
    return ",".join(parts)


def _options() -> set[str]:
    return {one.name for one in fields(Index)} - {"kind", "fields", "accept"}


def _option(name: str, value: str) -> Any:  # noqa: ANN401  # of any option
    if name == "unique":
        return True
    if name == "lengths":
        return tuple(_number(name, one) for one in value.split("-"))
    return _number(name, value) if name in _NUMBERS else value


def _number(name: str, text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise InputError(f"{name} is written in digits only", hint=_EXAMPLE)
    return int(text)


def _kinds() -> str:
    return f"the kinds: {', '.join(Kind)}; {_EXAMPLE}"
