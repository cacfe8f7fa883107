"""Where an import stands, as its checkpoint says it: not begun, interrupted, or ended."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from strongroom.errors import InputError, IntegrityError
from strongroom.files.source import Source
from strongroom.jobs.exchange.intake import check_settings
from strongroom.jobs.exchange.options import ImportOptions
from strongroom.jobs.exchange.share import content, shares
from strongroom.room.checkpoint import Checkpoint, forget, hold, peek
from strongroom.room.session import Session
from strongroom.room.store import Store
from strongroom.room.transaction import run


class Standing:
    """What the store knows of one import.

    Attributes:
        left: how many records an earlier run has stored that is given up for this one.
    """

    def __init__(self, store: Store, name: str, settings: str, options: ImportOptions) -> None:
        """Ask nothing yet.

        Args:
            store: where the records go.
            name: of the job.
            settings: what stands for the options.
            options: of this run.
        """
        self._store = store
        self._name = name
        self._settings = settings
        self._options = options
        self.left = 0

    def known(self, size: int | None, again: Callable[[], Source] | None) -> Checkpoint | None:
        """Return where the import stands; None if it begins from the start.

        Args:
            size: of the file.
            again: opens the file once more; None: it can be read once only.

        Raises:
            InputError: the import that was interrupted had other options.
            IntegrityError: the checkpoint was changed outside strongroom.
        """
        found = self._peek()
        if found is None:
            return None
        if found.ended:
            if not self._options.again and again is not None and self._same(found, size, again):
                return found
        elif self._options.restart:
            self.left = self.stored(found)
        else:
            check_settings(found.at, self._settings)
            before = _processes(found)
            if found.at is not None and before != self._options.processes:
                raise InputError(
                    "the import that was interrupted was "
                    + ("one process's" if before == 1 else f"shared by {before} processes"),
                    hint="give the same --processes again, or begin again with --restart: what is "
                    "stored stays stored",
                )
            return found
        if not self._options.dry_run:
            self._forget(found)
        return None

    def _peek(self) -> Checkpoint | None:
        try:
            return peek(self._store, self._name)
        except IntegrityError as error:
            if not self._options.restart:
                message = str(error)
            elif self._options.dry_run:
                return None
            else:
                run(self._store, lambda session: forget(session.connection, self._name))
                return None
        raise IntegrityError(
            message, hint="see what the table holds, then begin again with --restart"
        )

    def _same(self, found: Checkpoint, size: int | None, again: Callable[[], Source]) -> bool:
        """Tell whether the file and the options are those of the import that ended."""
        at = found.at
        if at["settings"] != self._settings or at["size"] != size:
            return False
        with closing(again()) as source:
            return bool(content(self._store.job_key, source, _processes(found)) == at["content"])

    def _forget(self, found: Checkpoint) -> None:
        def operation(session: Session) -> None:
            session.state()
            # It may be another process's by now, which has begun to import this file.
            hold(self._store, session.connection, found)
            for name in (self._name, *self._parts(found)):
                forget(session.connection, name)

        run(self._store, operation)

    def _parts(self, found: Checkpoint) -> list[str]:
        """Return what the parts of an interrupted import are called that processes shared."""
        of = _processes(found)
        return [share.named(self._name) for share in shares(of)] if of > 1 else []

    def stored(self, found: Checkpoint | None) -> int:
        """Return how many records an interrupted import has stored."""
        if found is None:
            return 0
        parts = (peek(self._store, name) for name in self._parts(found))
        return found.done + sum(part.done for part in parts if part is not None)


def _processes(found: Checkpoint) -> int:
    """Return how many shared an import."""
    return 1 if found.at is None else int(found.at.get("processes", 1))
