"""A door that answers what a test wants: to try what a mail server makes of answers, and of none.

Owns a unix socket that every user may open, and one thread for each connection.
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

Reply = Callable[[str], bytes | None]
"""The request's first line to the answer; None never answers."""


class Oracle:
    """Everything that was asked, oldest first."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.asked: list[str] = []
        self.stop = threading.Event()

    def serve(self, listener: socket.socket) -> None:
        """Answer until the listener is closed."""
        while True:
            try:
                link, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(link,), daemon=True).start()

    def _answer(self, link: socket.socket) -> None:
        with link, contextlib.suppress(OSError), link.makefile("rb") as lines:
            text = lines.readline().decode()
            self.asked.append(text)
            answer = self.reply(text)
            if answer is None:
                self.stop.wait(30)
            else:
                link.sendall(answer)


@contextlib.contextmanager
def oracle(place: Path, reply: Reply) -> Iterator[Oracle]:
    """Answer at a unix socket while the context lasts."""
    made = Oracle(reply)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place))
        place.chmod(0o666)
        listener.listen(128)
        threading.Thread(target=made.serve, args=(listener,), daemon=True).start()
        try:
            yield made
        finally:
            made.stop.set()
            place.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
