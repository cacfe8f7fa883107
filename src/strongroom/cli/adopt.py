"""The commands that take tables over and give them back: adopt, release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from strongroom.cli import exits, show, terminal
from strongroom.cli.old_values import check_scheme, fields_of, old_keys
from strongroom.cli.opening import opened, target
from strongroom.cli.options import everywhere, examples, given, section, throttle
from strongroom.cli.rewriting import say_done, watched
from strongroom.cli.rewriting import undo as undone

if TYPE_CHECKING:
    from strongroom.crypto.secret import Secret
    from strongroom.jobs.rewriting.adopt import Adopted
    from strongroom.jobs.rewriting.adoption_plan import Adoption, Plan
    from strongroom.room.strongroom import Strongroom

_SCHEMES: Final = (
    "plaintext",
    "legacy",
    "fernet",
    "sqlalchemy-utils-aes-naive, -pkcs5, -zeroes, -oneandzeroes",
    "sqlalchemy-utils-aes-gcm, sqlalchemy-utils-fernet",
    "django-cryptography, django-fernet-fields, django-fernet-encrypted-fields",
)


@click.command(
    epilog=section("Schemes", *_SCHEMES)
    + "\n\n"
    + examples(
        "strongroom adopt users --encrypt name --seal age --dry-run",
        "strongroom adopt users --encrypt name --seal age --from legacy --from-key old_key.bin",
        "strongroom adopt people --encrypt name --encrypt born:date --from fernet "
        "--from-key env:OLD_KEY",
        "strongroom adopt users --undo",
    )
)
@click.argument("table", metavar="TABLE")
@click.option("--encrypt", metavar="FIELDS", multiple=True, help="Columns to encrypt.")
@click.option("--seal", metavar="FIELDS", multiple=True, help="Columns to keep plain, and seal.")
@click.option(
    "--from", "scheme", metavar="SCHEME", default="plaintext", help="What the values are now."
)
@click.option(
    "--from-key", metavar="PLACE", multiple=True, help="The old key: file:PATH, env:NAME, prompt:."
)
@click.option(
    "--from-option", metavar="NAME=PLACE", multiple=True, help="What else its scheme needs."
)
@click.option("--uuid", metavar="COLUMN", multiple=True, help="A key column that holds UUIDs.")
@click.option(
    "--accept", metavar="NAME", multiple=True, help="An index to drop, or a trigger to leave."
)
@click.option("--offline", is_flag=True, help="Nobody else writes to the table: no triggers.")
@click.option("--dry-run", is_flag=True, help="Try every row and change nothing.")
@throttle
@click.option("--no-rebuild", is_flag=True, help="Name what removes old values from the files.")
@click.option("--undo", is_flag=True, help="Leave the table as it was before.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@everywhere
@click.pass_context
def adopt(
    context: click.Context,
    /,
    table: str,
    *,
    undo: bool,
    dry_run: bool,
    **chosen: Any,  # noqa: ANN401  # each option has a type of its own
) -> None:
    """Take over a table that another program made and filled.

    FIELDS are names between commas, or one FIELD:TYPE as for create-table. The table keeps its
    primary key. Columns that are not named stay outside: strongroom neither writes nor returns
    them.

    The table can be used meanwhile: its columns stay as they are until the cut-over, and changes by
    other programs are caught by triggers. A value that does not open is listed by its primary key
    and stops the cut-over, with exit code 8. Whatever interrupts it, the same command goes on; the
    table's name alone is enough then.
    """
    options = given(context)
    with opened(options, create=not (undo or dry_run)) as room:
        if undo:
            from strongroom.jobs.rewriting import adopt as adopting  # noqa: PLC0415

            adopting.undo(room, table)
            terminal.notice(f"{table} is as it was before")
            return
        wanted = _wanted(table, chosen)
        keys = old_keys(wanted.scheme, chosen["from_key"], chosen["from_option"])
        if dry_run:
            _look(room, wanted, keys, quiet=chosen["quiet"], as_object=options.json)
            return
        done = _adopted(room, wanted, keys, chosen)
    document = {"table": done.table, "records": done.records, "outside": list(done.outside)}
    say_done("adopted", document, done.leftovers, as_object=options.json)


def _wanted(table: str, chosen: Mapping[str, Any]) -> Adoption:
    from strongroom.jobs.rewriting.adoption_plan import Adoption  # noqa: PLC0415

    return Adoption(
        table,
        encrypt=fields_of(chosen["encrypt"], plain=False),
        seal=fields_of(chosen["seal"], plain=True),
        scheme=check_scheme(chosen["scheme"]),
        uuids=frozenset(chosen["uuid"]),
        accept=frozenset(chosen["accept"]),
        offline=chosen["offline"],
    )


def _adopted(
    room: Strongroom, wanted: Adoption, keys: tuple[Secret, ...], chosen: Mapping[str, Any]
) -> Adopted:
    from strongroom.jobs.engine import Pace  # noqa: PLC0415
    from strongroom.jobs.rewriting.adopt import adopt as adopted  # noqa: PLC0415

    _announce(room, wanted)
    title = f"adopting {wanted.table}"
    with watched(title, wanted.table, quiet=chosen["quiet"]) as (watch, report):
        return adopted(
            room,
            wanted,
            keys=keys,
            rebuild=not chosen["no_rebuild"],
            pace=Pace(chosen["throttle"], watch),
            found=report,
        )


def _announce(room: Strongroom, wanted: Adoption) -> None:
    """Say what is going to be done; of one that goes on, that it goes on."""
    from strongroom.jobs.rewriting.adopt import check_same  # noqa: PLC0415
    from strongroom.jobs.rewriting.adoption_plan import make_plan  # noqa: PLC0415
    from strongroom.room.rewriting import current  # noqa: PLC0415

    pending = current(room.store, wanted.table)
    if pending is not None:
        check_same(pending, wanted)
        terminal.notice(f"going on with the adoption of {wanted.table}")
        return
    _describe(make_plan(room.store, wanted))


def _describe(plan: Plan) -> None:
    table = plan.pending.table
    key = ", ".join(f"{one.name} ({one.type.name.lower()})" for one in table.key)
    encrypted = ", ".join(f"{one.name} ({one.type.name})" for one in table.fields if one.encrypted)
    sealed = ", ".join(f"{one.name} ({one.type.name})" for one in table.fields if not one.encrypted)
    for what, names in (
        ("primary key", key),
        ("encrypt", encrypted),
        ("seal", sealed),
        ("outside", ", ".join(plan.outside)),
    ):
        terminal.notice(f"{what}: {names or 'none'}")
    if plan.unfilled:
        names = ", ".join(plan.unfilled)
        terminal.notice(f"no record can be added through strongroom while {names} must be given")
    for one in plan.obstacles:
        fate = "will be dropped" if one.dropped else "stays as it is"
        accepted = one.acceptable and one.name in plan.pending.accepted
        terminal.notice(f"{one.name} {one.what}: {fate if accepted else 'in the way'}")


def _look(
    room: Strongroom, wanted: Adoption, keys: tuple[Secret, ...], *, quiet: bool, as_object: bool
) -> None:
    from strongroom.jobs.rewriting.adopt import look  # noqa: PLC0415
    from strongroom.jobs.rewriting.adoption_plan import make_plan  # noqa: PLC0415

    plan = make_plan(room.store, wanted)
    _describe(plan)
    title, stopped = f"trying {wanted.table}", "interrupted: nothing was changed"
    with watched(title, wanted.table, quiet=quiet, interrupted=stopped) as (watch, report):
        failed = look(room.store, plan, keys, report, watch)
    blocking = [one.name for one in plan.blocking]
    if as_object:
        show.json_line({"table": wanted.table, "failed": failed, "obstacles": blocking})
    else:
        things = "1 thing is" if len(blocking) == 1 else f"{len(blocking)} things are"
        joined = f", {'and' if failed else 'but'} {things} in the way" if blocking else ""
        terminal.notice(f"{_verdict(failed)}{joined}; nothing was changed")
    if failed or blocking:
        exits.stop(exits.UNFINISHED)


def _verdict(failed: int) -> str:
    if not failed:
        return "every row can be taken over"
    return f"{'1 row' if failed == 1 else f'{failed:,} rows'} cannot be taken over"


@click.command(
    epilog=examples(
        "strongroom release users",
        "strongroom release users --yes",
    )
)
@click.argument("table", metavar="TABLE")
@click.option("--yes", is_flag=True, help="Do not ask.")
@throttle
@click.option("--no-rebuild", is_flag=True, help="Do not write the table anew at the end.")
@click.option("--undo", is_flag=True, help="Leave the table as it was before.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@everywhere
@click.pass_context
def release(
    context: click.Context,
    /,
    table: str,
    *,
    yes: bool,
    undo: bool,
    **chosen: Any,  # noqa: ANN401  # each option has a type of its own
) -> None:
    """Give a table back as an ordinary one, in plaintext.

    Everyone who reaches the database can read its values from then on, and nothing notices changes
    any more. Meanwhile it can be read, and not be written to. A record that was changed outside
    strongroom is listed and stops it, with exit code 8.
    """
    from strongroom.jobs.engine import Pace  # noqa: PLC0415
    from strongroom.jobs.rewriting import convert  # noqa: PLC0415
    from strongroom.schema.pending import Kind  # noqa: PLC0415

    options = given(context)
    with opened(options) as room:
        if undo:
            undone(room, table, Kind.RELEASE, rebuild=not chosen["no_rebuild"])
            return
        if not yes and not terminal.agrees(
            f"write every value of {table} in {target(options).shown} as plaintext? (yes/no): ",
            "without a terminal: --yes",
        ):
            terminal.notice("nothing was changed")
            exits.stop(exits.FAILED)
        with watched(f"releasing {table}", table, quiet=chosen["quiet"]) as (watch, report):
            done = convert.release(
                room,
                table,
                rebuild=not chosen["no_rebuild"],
                pace=Pace(chosen["throttle"], watch),
                found=report,
            )
    document = {"table": done.table, "records": done.records}
    say_done("released", document, done.leftovers, as_object=options.json)
