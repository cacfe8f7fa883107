"""What every declared field type has in common: plain or encrypted, optional or not, its checks.

A type turns what a caller gives into the value that is stored (`check`), text into such a value
and back (`parse`, `format`), and itself into JSON (`to_document`). No error repeats a value.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Final

from strongroom.errors import InputError
from strongroom.schema.values import Tag, Value

MIB: Final = 1024 * 1024
MOST_PAD: Final = MIB
MOST_UNIQUE_BYTES: Final = 768
"""In utf8mb4, InnoDB's index takes 3,072 bytes as so many characters; PostgreSQL's takes 2,704."""
LATER: Final[Mapping[str, bool]] = {"later": True}
"""Marks an option that came after the first catalogues: a document has it only where it is set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldType(ABC):
    """What a field may hold and how it is kept.

    Attributes:
        plain: False: encrypted, one cell for each value. True: stored readable, so that the
            database can search and sort it, and covered by the record's seal.
        optional: whether a record may have no value here (None, NULL).
        pad: bucket size in bytes, 1 to 1,048,576, of an encrypted field: values are filled up to
            a multiple of it, so that a cell does not show their length. None: no padding.
        unique: whether no two records may have the same value here; of plain fields only. Any
            number of records may have none.
        tag: the first byte of the encoded values.
        name: the type's word in catalogues and on the command line.
    """

    tag: ClassVar[Tag]
    name: ClassVar[str]

    plain: bool = False
    optional: bool = False
    pad: int | None = None
    unique: bool = field(default=False, metadata=LATER)

    def __post_init__(self) -> None:
        self._check_flag("plain", self.plain)
        self._check_flag("optional", self.optional)
        if self.pad is not None:
            if self.plain:
                raise InputError(
                    f"{self.name}: a plain field cannot have a pad",
                    hint="padding hides the length of encrypted values",
                )
            self._check_limit("pad", self.pad, 1, MOST_PAD)
        self._check_flag("unique", self.unique)
        if self.unique and not self.plain:
            raise InputError(
                f"{self.name}: an encrypted field cannot be unique",
                hint="make a unique index: strongroom add-index TABLE exact:FIELD,unique",
            )
        self._check_declaration()

    def check(self, value: object, where: str) -> Value:
        """Return the value that will be stored.

        It is `value` itself, but for what the format fixes: of a zone the offset, of JSON a copy
        with sorted keys, of a plain decimal the declared scale, of plain -0 the 0.

        Args:
            value: anything; None only where the field is optional.
            where: how an error calls the field, for example ``users.age``.

        Raises:
            InputError: the value breaks the field's rule, which the message names.
        """
        if value is not None:
            return self._accept(value, where)
        if not self.optional:
            raise InputError(f"{where} must be given")
        return None

    def check_all(self, values: Sequence[object], where: str) -> list[Value | None]:
        """Return a column of values that will be stored, each as `check`."""
        return [self.check(value, where) for value in values]

    def parse(self, text: str, where: str) -> Value:
        """Return the value that a text from a command line or a file spells, checked.

        One spelling for each type, without white space around it; an empty text is a value of
        text fields only, and never None.

        Raises:
            InputError: another spelling, or a value that breaks the field's rule.
        """
        return self.check(self._read(text, where), where)

    def parse_all(self, texts: Sequence[str | None], where: str) -> list[Value | None]:
        """Return the values of a column of texts, each as `parse`; None is no value."""
        found = [None if text is None else self._read(text, where) for text in texts]
        return self.check_all(found, where)

    def format(self, value: Value) -> str:
        """Return the text that `parse` reads as `value`, a value that `check` returned.

        Raises:
            InputError: there is no value: how that looks is for the caller to say.
        """
        if value is None:
            raise InputError(f"there is no {self.name} to format")
        return self._spell(value)

    def to_document(self) -> dict[str, Any]:
        """Return the declaration as JSON values.

        Defaults are included, since a later default is another; but options that came later than
        the first catalogues are there only when they are set, so that those stay as they are.
        """
        document: dict[str, Any] = {"type": self.name}
        for one in fields(self):
            value = getattr(self, one.name)
            if value != one.default or not one.metadata.get("later"):
                document[one.name] = self._option_out(value)
        return document

    @classmethod
    def option_in(cls, option: str, value: Any) -> Any:  # noqa: ANN401, ARG003  # JSON
        """Return the value of an option that `to_document` wrote as `value`."""
        return value

    def _option_out(self, value: Any) -> Any:  # noqa: ANN401  # of any option
        return value

    @abstractmethod
    def _accept(self, value: object, where: str) -> Value:
        """Return the value to store, or raise InputError. `value` is not None."""

    @abstractmethod
    def _read(self, text: str, where: str) -> Value:
        """Return the value that `text` spells, not yet checked, or raise InputError."""

    @abstractmethod
    def _spell(self, value: Any) -> str:  # noqa: ANN401  # of the field's own type
        """Return the text of a value."""

    def _check_declaration(self) -> None:  # noqa: B027  # most types have nothing to add
        """Check the options that one type has of its own. Raises InputError."""

    def _check_flag(self, option: str, value: object) -> None:
        if type(value) is not bool:
            raise InputError(f"{self.name}: {option} is either True or False")

    def _check_limit(self, option: str, value: object, least: int, most: int) -> None:
        if type(value) is not int or not least <= value <= most:
            raise InputError(f"{self.name}: {option} is an integer from {least} to {most:,}")
