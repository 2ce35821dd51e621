"""The operator's rules about refusals: they go first, and every mistake in them has its line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.config import assemble
from gatepost.config.mistakes import ConfigErrors, Mistake
from gatepost.config.refusals import read, refusal_rules
from gatepost.config.settings import Bounces, Data, Settings
from gatepost.core.errors import ConfigError
from gatepost.core.events import Cursor, Delivery
from gatepost.core.facts import BounceClass
from gatepost.core.units import Account, Instant
from gatepost.enrich.bounces import classifier

RULE = """\
[[rule]]
name = "the-club"
cause = "policy_auth"
why = "The club wants its own stamp."
says = ["stamp missing"]
examples = ["550 5.1.1 user unknown: the stamp is missing"]
"""


def wrong(text: str) -> tuple[Mistake, ...]:
    """What is wrong with a file of rules."""
    with pytest.raises(ConfigErrors) as caught:
        read(text, "own.toml")
    return caught.value.mistakes


def test_own_rules_go_first() -> None:
    """An own rule wins over every one of ours, and changes nothing else."""
    rules = read(RULE, "own.toml")
    found = rules.explain("550 5.1.1 user unknown: the stamp is missing")
    assert (found.cause, found.rule, found.confidence) == (BounceClass.POLICY_AUTH, "own.the-club", 0.99)
    assert rules.explain("550 5.1.1 user unknown") == classifier().explain("550 5.1.1 user unknown")


@pytest.mark.parametrize(
    ("text", "line", "says", "remedy"),
    [
        ("[[rule]", 1, "no TOML", "toml.io"),
        (RULE.replace("policy_auth", "policy"), 3, "none of the words", "did you mean"),
        (RULE.replace("says =", "say ="), 5, "no setting", "did you mean"),
        (RULE.replace("name =", "# "), 1, "name is missing", "add name"),
        (RULE.replace('says = ["stamp missing"]', ""), 1, "says nothing", "`codes`"),
        (RULE + RULE, 8, "another rule", "each once"),
        (RULE.replace("stamp missing", "NOBODY missing"), 5, "NOBODY", "WHO, BOX"),
        (RULE.replace("stamp missing", ".. stamp"), 5, "without words", "between two words"),
        (RULE.replace("stamp missing", "stamp .. missing? .. x"), 5, "without words", "between two words"),
        (RULE.replace("stamp missing", "the"), 5, "says nothing", "tell something"),
        (RULE.replace("stamp missing", "WHO WHO WHO WHO"), 5, "too many", "shorter"),
        (RULE + 'codes = ["5.x"]\n', 7, "is no code", "5.7.*"),
        (RULE + "here = true\n", 7, "no family", "leave it out"),
        (RULE.replace("stamp is missing", "postage is due"), 6, "recipients.unknown", "`says`"),
    ],
)
def test_a_mistake_has_its_line_and_a_remedy(text: str, line: int, says: str, remedy: str) -> None:
    """A rule that cannot be read, or could never decide what it shows, is told where it stands."""
    (found, *_) = wrong(text)
    assert found.file == "own.toml" and found.line == line
    assert says in found.message and remedy in found.remedy


def test_every_mistake_is_told_at_once() -> None:
    """Two mistakes in two rules are two messages."""
    assert [one.line for one in wrong(RULE.replace("policy_auth", "x") + RULE.replace("why", "whi"))] == [3, 7, 10]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing file and one that is no UTF-8 are told with their path."""
    with pytest.raises(ConfigError, match=r"none\.toml: .*cannot be read"):
        refusal_rules(str(tmp_path / "none.toml"))
    (tmp_path / "own.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match=r"own\.toml: .*UTF-8"):
        refusal_rules(str(tmp_path / "own.toml"))


def test_the_setting_reaches_what_is_counted(tmp_path: Path) -> None:
    """[bounces] rules decides the causes that detectors see; without it ours alone do."""
    (tmp_path / "own.toml").write_text(RULE)
    said = "550 the stamp is missing"
    with_rules = Settings(data=Data(asn="none"), bounces=Bounces(rules=str(tmp_path / "own.toml")))
    for settings, cause in ((with_rules, "policy_auth"), (Settings(data=Data(asn="none")), "unknown")):
        assert assemble.observer(settings).cause(_failed(said)).value == cause


def _failed(reply: str) -> Delivery:
    return Delivery(
        at=Instant(0.0), account=Account("ann@example.org"), host="mx1", cursor=Cursor("log", 0, 0), queue_id="q",
        address="bob@example.net", result="bounced", reply=reply,
    )  # fmt: skip


PHRASES = st.text(st.sampled_from("ab.|?+ WHO"), max_size=12)


@given(PHRASES, st.sampled_from(["", "550", "5.7.*", "x", "9"]))
def test_any_rule_is_taken_or_told(phrase: str, code: str) -> None:
    """No phrase and no code makes anything but a classifier or a list of mistakes."""
    rule = RULE.replace("stamp missing", phrase).replace("examples", "# ") + f'codes = ["{code}"]\n'
    try:
        read(rule, "own.toml").explain("550 a b user unknown")
    except ConfigErrors as error:
        assert error.mistakes
