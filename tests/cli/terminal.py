"""A real terminal for a real process: keys go in, what is on the screen comes out.

with sitting(folder, "chat", "--from", "x.md") as seat:
    seat.sees("Confirm:")
    seat.types(DOWN, ENTER)
    assert seat.leaves() == 0
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cli.command import PROGRAM

UP, DOWN, ENTER, INTERRUPT, END = "\x1b[A", "\x1b[B", "\r", "\x03", "\x04"
LONGEST = 30  # seconds that a test waits for what does not come
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()=>][A-Z0-9]?|\r")


@dataclass
class Seat:
    """The person's end of the terminal. `raw` is everything that was sent to the screen, `at` how far it was looked at."""

    process: subprocess.Popen[bytes]
    keys: int
    raw: str = ""
    at: int = 0

    def sees(self, words: str) -> str:
        """Wait until `words` come up on the screen, after what was seen before; what came up to them."""
        end = time.monotonic() + LONGEST
        while True:
            shown = self.shown
            if (found := shown.find(words, self.at)) >= 0:
                before, self.at = shown[self.at : found], found + len(words)
                return before
            assert time.monotonic() < end, f"{words!r} did not come:\n{shown[self.at :]}"
            assert self._read() or words in self.shown[self.at :], f"it ended without {words!r}:\n{self.shown}"

    def types(self, *keys: str) -> None:
        """Press keys, or type words."""
        for key in keys:
            os.write(self.keys, key.encode())

    def interrupts(self) -> None:
        """Ctrl-C while nothing reads keys: the terminal makes it a signal."""
        self.process.send_signal(signal.SIGINT)

    def leaves(self) -> int:
        """Wait for the end; the exit status."""
        while self._read():
            pass
        return self.process.wait(LONGEST)

    @property
    def shown(self) -> str:
        """What was sent to the screen, without what only moves the cursor or colours."""
        return _CONTROL.sub("", self.raw)

    def _read(self) -> bool:
        ready, _, _ = select.select([self.keys], [], [], 1)
        if not ready:
            return True
        try:
            got = os.read(self.keys, 65536)
        except OSError:  # how Linux says that nobody is at the other end any more
            return False
        self.raw += got.decode("utf-8", "replace")
        return bool(got)


@contextlib.contextmanager
def sitting(folder: Path, *words: str, **environment: str) -> Iterator[Seat]:
    """Run a command line at a terminal of 100 columns; it is killed if it has not ended by itself."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 100, 0, 0))
    there = {**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1", **environment}
    there = {
        name: value for name, value in there.items() if name not in ("NO_COLOR", "FORCE_COLOR") or name in environment
    }
    process = subprocess.Popen(
        [*PROGRAM, *words], cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=there, start_new_session=True
    )
    os.close(theirs)
    try:
        yield Seat(process, ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
