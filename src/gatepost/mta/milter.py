"""Postfix and Sendmail tell a filter: milter frames to questions, answers to replies (docs/doors/milter.md).

Who authenticated is the macro {auth_authen}, sent with MAIL; nobody's mail is accepted there and told no further. A
message has a name of ours, since its queue id comes late: Postfix has one from its first good recipient on. A milter
can keep a message only at its end. Its size is what the client stated (RFC 1870), or {msg_size} of Sendmail: bodies are
never asked for, and of headers nothing is kept but the address in the first From line.
"""

from collections.abc import Iterator, Mapping
from itertools import count

from gatepost.core.asked import PASS, Answer, Question, Stage
from gatepost.core.errors import BadRequest
from gatepost.wire import mailbox, milter
from gatepost.wire.texts import number

_STAGES: Mapping[bytes, Stage] = {milter.MAIL: "mail", milter.RCPT: "rcpt", milter.DATA: "data", milter.END: "end"}
_names = count(1)


class Talk:
    """One connection of a mail server: sessions of clients, one after the other."""

    lasting = True
    """The connection stays open after an answer."""

    def __init__(self) -> None:
        self._frames, self._quiet = milter.Frames(), frozenset[bytes]()
        self._told = b""
        """The answer to what is no question."""
        self._client = ""
        self._stage: Stage = "connect"
        self._begin("", "", 0)

    def _begin(self, login: str, sender: str, size: int) -> None:
        """Another message, or none."""
        self._login, self._sender, self._size = login, sender, size
        self._recipients, self._queue_id = 0, ""
        self._author: str | None = None
        """None: no From line was told yet."""
        self._message = f"m{next(_names)}" if login else ""
        self._macros: Mapping[str, str] = {}

    @property
    def halfway(self) -> bool:
        """Whether a frame has begun and not ended."""
        return self._frames.halfway

    def receive(self, data: bytes) -> Iterator[Question | None]:
        """Questions; None is what concerns nobody and is answered all the same.

        Raises:
            WireError: bytes that are no frame, or frames before the offer.
        """
        for letter, said in self._frames.feed(data):
            if letter == milter.OPTIONS:
                self._told, self._quiet = milter.negotiated(said)
                yield None
                continue
            if not self._quiet:
                msg = "a milter conversation begins without an offer"
                raise BadRequest(msg)
            self._told = milter.CONTINUE
            stage = _STAGES.get(letter)
            if stage is not None:
                yield self._question(stage, said)
            else:
                self._hear(letter, said)
                if letter not in self._quiet:
                    yield None

    def _hear(self, letter: bytes, said: bytes) -> None:
        """What is told and asks nothing."""
        if letter == milter.CONNECT:
            self._client = milter.client(said)
            self._begin("", "", 0)
        elif letter == milter.MACROS:
            before, self._macros = milter.macros(said)
            if before != milter.MAIL:
                self._queue_id = self._macros.get("i", self._queue_id)
        elif letter == milter.HEADER and self._login and self._author is None:
            name, value = milter.header(said)
            self._author = mailbox.first(value) if name == "from" else None
        elif letter in (milter.ABORT, milter.AGAIN):
            self._begin("", "", 0)

    def _question(self, stage: Stage, said: bytes) -> Question | None:
        words = milter.texts(said)
        first = words[0].removeprefix("<").removesuffix(">") if words else ""
        if stage == "mail":
            sent = self._macros
            self._begin(sent.get("auth_authen", ""), first, _size(words[1:]))
            self._queue_id = sent.get("i", "")
            self._told = b"" if self._login else milter.ACCEPT
        self._stage = stage
        if not self._login:
            return None
        self._told = b""
        if stage == "end":
            self._size = number(self._macros.get("msg_size", "")) or self._size
        return Question(
            stage=stage,
            login=self._login,
            client=self._client,
            sender=self._sender,
            recipient=first if stage == "rcpt" else "",
            queue_id=self._queue_id,
            message=self._message,
            recipients=self._recipients,
            size=self._size,
            author=(self._author or "") if stage == "end" else "",
        )

    def reply(self, answer: Answer) -> bytes:
        """The frames for an answer; what was no question has its own."""
        if self._told:
            return self._told
        if answer.act == "deny":
            return milter.refusal("550 5.7.1", answer.text)
        if answer.act == "defer":
            return milter.refusal("451 4.7.1", answer.text)
        if self._stage == "rcpt":
            self._recipients += 1
        if answer is not PASS and answer.act == "hold" and self._stage == "end":
            return milter.quarantine(answer.text)
        return milter.CONTINUE


def _size(options: list[str]) -> int:
    """What the client stated with MAIL."""
    stated = (option[5:] for option in options if option[:5].upper() == "SIZE=")
    return number(next(stated, ""))
