"""Each fact of a mail server has one source (contracts 9)."""

import pytest

from gatepost.config.owners import check


def clashes(*blocks: dict[str, object]) -> list[str]:
    """Where a source tells what another one tells."""
    return [".".join(map(str, found.key)) for found in check(list(enumerate(blocks)))]


def log(name: str, host: str = "mx1", dialect: str = "auto") -> dict[str, object]:
    """A [[source]] block of a file."""
    return {"kind": "tail", "name": name, "path": name, "host": host, "dialect": dialect}


@pytest.mark.parametrize("dialect", ["dovecot", "cyrus"])
@pytest.mark.parametrize("server", ["exim", "postfix"])
def test_logins_may_stand_beside_mail(server: str, dialect: str) -> None:
    """A host has one log of mail and one of logins, when both say what they are."""
    assert clashes(log("a", dialect=server), log("b", dialect=dialect)) == []
    assert clashes(log("a", dialect=server), log("b", dialect=dialect), log("c", dialect=dialect)) == ["source.2.host"]
    assert clashes(log("a", dialect=server), log("b")) == ["source.1.host"]
    assert clashes(log("a"), log("b", dialect=dialect)) == ["source.1.host"]


def test_two_logs_of_mail_are_two_owners() -> None:
    """Whatever their languages, one host hands in its mail once; other hosts are others."""
    assert clashes(log("a", dialect="exim"), log("b", dialect="postfix")) == ["source.1.host"]
    assert clashes(log("a"), log("b", host="mx2")) == []
    assert clashes(log("mx1", host=""), log("b")) == ["source.1.host"]


def test_a_listener_owns_what_its_peers_say() -> None:
    """A peer's host is the host's one source, beside a log of the same host it is a second one."""
    hears: dict[str, object] = {
        "kind": "syslog",
        "name": "s",
        "peers": [{"name": "192.0.2.10", "host": "mx1"}, {"name": "192.0.2.11"}],
    }
    assert clashes(log("a"), hears) == ["source.1.peers"]
    assert clashes(log("a", host="mx9"), hears) == []


def test_blocks_of_the_wrong_shape_are_passed_over() -> None:
    """What is no text and no list has been told by its kind."""
    assert clashes({"name": 3, "peers": 4}, {"peers": [1, {"name": None}]}, {"name": "a", "dialect": []}) == []


def test_a_door_owns_a_host_of_which_no_mail_is_logged() -> None:
    """Beside a log of its logins it may; beside a log of its mail, or another such door, it is a second owner."""
    door: dict[str, object] = {"kind": "postfix", "owns": "mx1"}

    def beside(*blocks: dict[str, object], doors: int = 1) -> list[str]:
        found = check(list(enumerate(blocks)), [(number, door) for number in range(doors)])
        return [".".join(map(str, one.key)) for one in found]

    assert beside() == beside(log("a", dialect="dovecot")) == beside(log("a", "mx2")) == []
    assert beside(log("a")) == beside(log("a", dialect="postfix")) == ["door.0.owns"]
    assert beside(doors=2) == ["door.1.owns"]
