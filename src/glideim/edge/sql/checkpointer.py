"""The thread that copies the log into the database, so that the writer need not."""

from __future__ import annotations

import threading

import apsw

INTERVAL_S = 1.0
"""Longest time between two copies, and shortest pause after one."""


class Checkpointer:
    """Passive checkpoints on a connection of its own: they wait for nobody and nobody waits for them."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._wake = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="sqlite-checkpointer", daemon=True)
        self.checkpoints = 0
        self.failures = 0
        self.wal_pages = 0
        """Pages in the log at the last checkpoint."""
        self.copied_pages = 0
        """Of these, pages that are in the database."""

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def wake(self) -> None:
        """Make a checkpoint soon."""
        self._wake.set()

    def close(self) -> None:
        """End the thread; blocks for as long as a checkpoint under way. The connection is left open."""
        self._ending = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._ending:
            self._wake.wait(INTERVAL_S)
            self._wake.clear()
            if not self._ending:
                self._copy()

    def _copy(self) -> None:
        try:
            pages, copied = self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        except apsw.Error:
            # A full or failing disk: the log keeps everything, and the writer will say so if it cannot.
            self.failures += 1
            return
        self.checkpoints += 1
        self.wal_pages, self.copied_pages = pages, copied
