"""A made spool of Exim's, and a program in Exim's place that freezes, thaws, delivers and removes what is in it."""

import sys
from dataclasses import dataclass
from pathlib import Path

from tests.act.book import NOON

from gatepost.act.eximqueue import EximQueue

HEADER = """\
{id}-H
Debian-exim 999 995
<{sender}>
{at} 0
-received_time_usec .594095
--helo_name {helo}
-host_address [{client}]:33158
-host_auth plain
-interface_address [192.0.2.1]:587
-received_protocol esmtpsa
-aclm _x {length}
{variable}
{auth}-deliver_firsttime
{frozen}XX
1
bob@example.net

189P Received: from [{client}] (helo={helo})
022F From: {sender}
030  X-Forged: x
--auth_id ann@example.org
"""

PROGRAM = """\
import os, sys, time
spool, what, ids = sys.argv[1], sys.argv[2], sys.argv[3:]
def said(name):
    path = os.path.join(spool, name)
    return open(path).read().split() if os.path.exists(path) else []
with open(os.path.join(spool, "calls"), "a") as calls:
    print(what, len(ids), file=calls)
if said("refuse"):
    sys.exit("exim: permission denied")
if said("hang"):
    time.sleep(60)
locked, code = set(said("locked")), 0
for number, name in enumerate(ids):
    if said("die") == [str(number), what]:
        os.kill(os.getppid() if said("parent") else os.getpid(), 9)
    path = os.path.join(spool, "input", name[5] if said("split") else "", name + "-H")
    if name in locked or not os.path.exists(path):
        print("Message", name, "is locked")
        code = 1
        continue
    with open(path) as file:
        text = file.read()
    if what == "-Mrm" or what == "-M" and not said("deaf"):
        os.unlink(path)
        continue
    before, frozen, after = text.partition("-frozen 1\\n")
    if what == "-Mf" and not frozen:
        text = text.replace("-deliver_firsttime\\n", "-deliver_firsttime\\n-frozen 1\\n", 1)
    elif what == "-Mt":
        text = before + after
    with open(path + ".new", "w") as file:
        file.write(text)
    os.rename(path + ".new", path)
sys.exit(code)
"""


@dataclass(frozen=True)
class MadeSpool:
    """A spool in a folder."""

    folder: Path
    split: bool = False

    @property
    def command(self) -> tuple[str, ...]:
        """Calls the program in Exim's place."""
        return (sys.executable, "-I", "-S", str(self.folder / "exim.py"), str(self.folder))

    @property
    def queue(self) -> EximQueue:
        """As gatepost sees it."""
        return EximQueue(self.folder, self.command)

    def tell(self, what: str, *words: str) -> None:
        """Let the program refuse, hang, find messages locked, or die; without words, no more."""
        (self.folder / what).write_text(" ".join(words))

    def put(
        self, name: str, login: str = "ann@example.org", client: str = "192.0.2.7", at: float = NOON - 60, *,
        frozen: bool = False, sender: str = "ann@example.org", helo: str = "desk", variable: str = "x",
    ) -> str:  # fmt: skip
        """One message; its id."""
        text = HEADER.format(
            id=name, sender=sender, at=int(at), helo=helo, client=client, length=len(variable), variable=variable,
            auth=f"--auth_id {login}\n" if login else "", frozen="-frozen 1\n" if frozen else "",
        )  # fmt: skip
        place = self.folder / "input" / (name[5] if self.split else "")
        place.mkdir(exist_ok=True)
        (place / f"{name}-H").write_text(text)
        return name

    def frozen(self) -> set[str]:
        """Ids of the frozen messages."""
        return {path.name[:-2] for path in self._files() if "\n-frozen 1\n" in path.read_text()}

    def there(self) -> set[str]:
        """Ids of all messages."""
        return {path.name[:-2] for path in self._files()}

    def calls(self) -> list[str]:
        """What the program was called with: the option and how many ids."""
        path = self.folder / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def _files(self) -> list[Path]:
        return [path for path in (self.folder / "input").rglob("*-H") if path.is_file()]


def made_spool(folder: Path, *, split: bool = False) -> MadeSpool:
    """An empty one."""
    (folder / "input").mkdir(parents=True)
    (folder / "exim.py").write_text(PROGRAM)
    made = MadeSpool(folder, split)
    if split:
        made.tell("split", "yes")
    return made


def numbered(number: int, *, long: bool = False) -> str:
    """An id of Exim's, of 16 characters, or of 23 as from 4.97 on."""
    return f"1w{number % 10_000:04d}-{number:011d}-0000" if long else f"1w{number % 10_000:04d}-{number:06d}-00"
