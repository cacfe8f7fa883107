"""The command that measures what indexes give away: leakage."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Final

import click

from strongroom.cli import show, terminal
from strongroom.cli.opening import opened
from strongroom.cli.options import everywhere, examples, given
from strongroom.errors import InputError, StrongroomError

if TYPE_CHECKING:
    from strongroom.room.leakage import Leakage, Public

_CENSUS: Final = ("given-names", "surnames")
_MOST_BYTES: Final = 64 * 1024 * 1024


@click.command(
    epilog=examples(
        "strongroom leakage users",
        "strongroom leakage users name --public surnames",
        "strongroom leakage users city --public cities.csv --plot city.svg",
    )
)
@click.argument("table", metavar="TABLE")
@click.argument("field", metavar="[FIELD]", required=False)
@click.option(
    "--public",
    metavar="LIST",
    help="What an attacker knows: given-names, surnames, or a file with a value and a number on "
    "each line, between them a tab or a comma. Otherwise both lists of names.",
)
@click.option("--plot", metavar="FILE", help="Draw how uneven the tokens are, as PNG or SVG.")
@everywhere
@click.pass_context
def leakage(
    context: click.Context, table: str, field: str | None, public: str | None, plot: str | None
) -> None:
    """Measure what the search indexes of a table give away, on the table as it is.

    What a thief counts: records, different tokens, the shares of the most common ones, and what
    the best single guess is up against (min-entropy). What he makes of it: an attacker who puts
    tokens and public values in the order of how common they are, and matches them. How much of
    that is right only you can tell: every record is decrypted to know.

    It is a measurement with one list, and no limit: who knows more, names more.
    """
    options = given(context)
    lists = None if public is None else {public: _list(public)}
    if plot is not None:
        from strongroom.cli.plot import check_plot  # noqa: PLC0415

        check_plot(plot)
    from strongroom.room.leakage import leakage as measured  # noqa: PLC0415

    with opened(options) as room:
        found = measured(room, table, field, public=lists)
    if plot is not None:
        _draw(found, lists, plot)
    if options.json:
        for one in found:
            show.json_line(one.to_document())
    elif not found:
        of = table if field is None else f"{table}.{field}"
        terminal.notice(
            f"{of} has no index: the database sees its lengths in steps of 16 bytes, and which "
            "values are missing"
        )
    else:
        for number, one in enumerate(found):
            terminal.write("\n" if number else "")
            show.pairs(_pairs(one))


def _list(public: str) -> Public:
    """Return the list of a name, or of a file.

    Raises:
        InputError: the file cannot be read, or is no such list.
    """
    from strongroom.schema.search import public_names  # noqa: PLC0415

    if public in _CENSUS:
        return public_names.given_names() if public == _CENSUS[0] else public_names.surnames()
    reason = "is not UTF-8"
    try:
        with open(public, "rb") as file:  # noqa: PTH123  # a name as it was given
            raw = file.read(_MOST_BYTES + 1)
        if len(raw) <= _MOST_BYTES:
            return public_names.from_text(raw.decode("utf-8"))
        reason = f"has more than {_MOST_BYTES // 1024**2} MiB"
    except UnicodeDecodeError:
        pass  # raised below: the caught exception holds the text
    except (OSError, ValueError) as error:
        if isinstance(error, StrongroomError):
            raise
        number = error.errno if isinstance(error, OSError) else None
        reason = f"cannot be read ({errno.errorcode.get(number or 0, 'no name of a file')})"
    raise InputError(f"the public list {reason}", hint=f"a file, or {' or '.join(_CENSUS)}")


def _pairs(one: Leakage) -> list[tuple[str, str | None]]:
    took = one.measured
    found: list[tuple[str, str | None]] = [
        ("index", f"{one.index} ({one.kind} over {', '.join(one.fields)})"),
        ("tokens", f"{one.bits} bits, {one.partitions} partition{'s'[: one.partitions != 1]}"),
        ("records", f"{one.records:,}, {took.rows:,} tokens of them in the index"),
        ("different tokens", f"{took.tokens:,}"),
        ("largest shares", ", ".join(f"{share:.2%}" for share in took.largest) or "none"),
        ("min-entropy", f"{took.min_entropy:.1f} bits"),
        ("coincidences", f"{took.coincidences:.2f} expected behind a token, were all different"),
        ("recommended bits", _recommended(one)),
    ]
    found += [
        (f"attacker with {attack.list}", f"names {attack.recovered:.1%} rightly by rank")
        for attack in one.attacks
    ]
    if one.commonest is not None:
        found.append(("guessing", f"{one.commonest:.1%} rightly by the most common value alone"))
    found.append(("gives away", one.shows))
    if one.accepted:
        found.append(("accepted because", one.accepted))
    return found


def _recommended(one: Leakage) -> str:
    parts = [] if one.recommended is None else ["{} to {} for so many".format(*one.recommended)]
    if one.recommended_distinct is not None:
        least, most = one.recommended_distinct
        parts.append(f"{least} to {most} for {one.distinct:,} different values")
    return "; ".join(parts) or "too few records to say"


def _draw(found: list[Leakage], lists: dict[str, Public] | None, file: str) -> None:
    from strongroom.cli.plot import draw  # noqa: PLC0415

    curves = {f"{one.index} (tokens)": list(one.tokens) for one in found}
    for name, public in (lists or {}).items():
        curves[f"{name} (public)"] = list(public.values())
    draw(curves, file)
