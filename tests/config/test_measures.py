"""Blocks of queues and sessions: what fits together, and what is said when it does not."""

from pathlib import Path

import pytest

from gatepost.config import queues
from gatepost.config.load import read
from gatepost.config.measures import QueueSettings, SessionsSettings
from gatepost.config.mistakes import ConfigErrors
from gatepost.core.accounts import Accounts
from gatepost.core.units import Account
from gatepost.enrich.network import Networks

FOLDER = Path("/etc/gatepost")
QUEUE, SESSIONS = '[[action]]\nkind = "queue"\n', '[[action]]\nkind = "sessions"\n'

WRONG = {
    QUEUE + 'server = "exim"\n': "action[0].spool",
    QUEUE + 'server = "sendmail"\n': "action[0].server",
    QUEUE + 'server = "postfix"\nspool = "/var/spool/postfix"\n': "action[0].spool",
    QUEUE + 'server = "exim"\nspool = "x"\npostcat = ["postcat"]\n': "action[0].postcat",
    QUEUE + 'server = "postfix"\npostsuper = []\n': "action[0].postsuper",
    QUEUE + 'server = "postfix"\npostsuper = ["sudo", ""]\n': "action[0].postsuper",
    QUEUE + 'server = "exim"\nspool = "x"\non = ["throttle"]\n': "action[0].on[0]",
    SESSIONS + 'url = "http://127.0.0.1:8080/doveadm/v1"\n': "action[0].key",
    SESSIONS + 'url = "http://192.0.2.1:8080/doveadm/v1"\nkey = "k"\n': "action[0].url",
    SESSIONS + 'url = "127.0.0.1:8080"\nkey = "k"\n': "action[0].url",
    SESSIONS + 'key = "k"\n': "action[0].key",
    SESSIONS + 'url = "https://imap.example.org/doveadm/v1"\nkey = "k"\ndoveadm = ["doveadm"]\n': "action[0].doveadm",
    SESSIONS + "doveadm = []\n": "action[0].doveadm",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_does_not_fit_is_said_at_its_place(text: str) -> None:
    """One mistake, at the setting it is in, with a remedy."""
    with pytest.raises(ConfigErrors) as caught:
        read(text, "gatepost.toml", FOLDER)
    (mistake,) = caught.value.mistakes
    assert mistake.key == WRONG[text] and mistake.remedy


def test_paths_start_from_the_folder_of_the_file() -> None:
    """A spool and a key are absolute after loading; a credential stays one."""
    text = QUEUE + 'server = "exim"\nspool = "spool"\n' + SESSIONS + 'url = "http://[::1]:80/x"\nkey = "key"\n'
    queue, sessions = read(text, "gatepost.toml", FOLDER).action
    assert isinstance(queue, QueueSettings) and queue.spool == "/etc/gatepost/spool"
    assert isinstance(sessions, SessionsSettings) and sessions.key == "/etc/gatepost/key"
    kept = SESSIONS + 'url = "https://imap.example.org/x"\nkey = "credential:doveadm"\n'
    (sessions,) = read(kept, "gatepost.toml", FOLDER).action
    assert isinstance(sessions, SessionsSettings) and sessions.key == "credential:doveadm"


def test_every_queue_that_is_named_is_there() -> None:
    """Exim's and Postfix's, under names that tell them apart."""
    text = (
        QUEUE
        + 'server = "exim"\nspool = "/s"\n'
        + QUEUE
        + 'server = "postfix"\npostqueue = ["postqueue", "-c", "/p"]\n'
    )
    known = queues.Known(Accounts(), Networks())
    found = [one.name() for one in queues.queues(read(text, "gatepost.toml", FOLDER), known)]
    assert found == ["exim:/s", "postfix:postqueue -c /p"]
    assert known.place("192.0.2.7") == "net:192.0.0.0/16" and known.place("x") == ""


def test_a_login_is_an_accounts_by_its_rules() -> None:
    """Letters' case does not matter; no login is nobody's."""
    whose = queues.mine(Accounts(), Account("ann@example.org"))
    assert whose("ANN@example.org") and not whose("ben@example.org") and not whose("")
