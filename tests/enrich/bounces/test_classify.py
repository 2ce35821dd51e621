"""Reply to cause: every rule by its examples, wordings of many servers, precedence, hostile texts."""

from pathlib import Path
from time import thread_time

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gatepost.core.events import Cursor, Delivery
from gatepost.core.facts import BounceClass
from gatepost.core.units import Account, Instant
from gatepost.enrich.bounces import UNKNOWN, Classifier, classifier
from gatepost.enrich.bounces.classify import GRADES, ORDER
from gatepost.enrich.bounces.rules import shipped

RULES = [(family, rule) for family in shipped() for rule in family.rule if rule.cause != "nothing"]
EXAMPLES = [(f"{family.family}.{rule.name}", rule.cause, text) for family, rule in RULES for text in rule.examples]
WORDINGS = [line.split("\t") for line in (Path(__file__).parent / "wordings.tsv").read_text("utf-8").splitlines()]


def failed(reply: str, status: str = "") -> Delivery:
    """A recipient that failed."""
    return Delivery(
        at=Instant(0.0), account=Account("ann@example.org"), host="mx1", cursor=Cursor("log", 0, 0), queue_id="q",
        address="bob@example.net", result="bounced", status=status, reply=reply,
    )  # fmt: skip


@pytest.mark.parametrize(("name", "cause", "text"), EXAMPLES, ids=[f"{name}-{text[:20]}" for name, _, text in EXAMPLES])
def test_a_rule_decides_its_examples(name: str, cause: str, text: str) -> None:
    """The examples in a rule file are decided by that rule."""
    found = classifier().explain(text)
    assert (found.rule, found.cause.value) == (name, cause)


def test_every_rule_has_an_example_and_a_sentence() -> None:
    """No rule without an example, a reason that ends as a sentence, and a known source."""
    assert [f"{family.family}.{rule.name}" for family, rule in RULES if not rule.examples] == []
    assert [rule.name for _, rule in RULES if not rule.why.endswith(".")] == []
    assert all(family.source for family in shipped())


@pytest.mark.parametrize(("cause", "text"), WORDINGS, ids=[text[:40] for _, text in WORDINGS])
def test_common_wordings(cause: str, text: str) -> None:
    """What many servers say is understood, whoever is meant and wherever it comes from."""
    assert classifier().explain(text).cause.value == cause


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("550 5.1.1 Your IP 192.0.2.25 is on the Spamhaus list; mailbox unavailable", "reputation_blocklist"),
        ("550 user unknown, or this is spam", "spam_content"),
        ("550 5.1.1 relay access denied", "other"),
        ("550 5.7.1 no such user", "invalid_recipient"),
        ("550 mailbox full, retry timeout exceeded", "mailbox_full"),
    ],
)
def test_words_before_codes_and_spam_before_mailbox(text: str, cause: str) -> None:
    """A reply about two things has the graver cause, whatever its code."""
    assert classifier().explain(text).cause.value == cause


@pytest.mark.parametrize("text", ["550 <spam@example.net>: user unknown", "550 blocklist@example.org user unknown"])
def test_addresses_and_hosts_say_nothing(text: str) -> None:
    """Names chosen by others are not the server's words."""
    found = classifier().explain(text)
    assert found.cause is BounceClass.INVALID_RECIPIENT
    assert classifier().explain("550 spam.example.net: user unknown").cause is BounceClass.INVALID_RECIPIENT


@pytest.mark.parametrize("text", ["", "550", "550 5.7.1", "5.0.0", "hello", "550 xyzzy", "\x00\x1b[31m", "….—"])
def test_what_nobody_knows_counts_for_nothing(text: str) -> None:
    """Without words or a telling code the cause is unknown."""
    assert classifier().cause(failed(text)) is BounceClass.UNKNOWN


def test_a_guess_is_shown_and_counts_for_nothing() -> None:
    """What is less sure than SURE is an answer for people, not for detectors."""
    found = classifier().explain("550 declined")
    assert found.cause is BounceClass.REPUTATION_BLOCKLIST and found.confidence < 0.6
    assert classifier().cause(failed("550 declined")) is BounceClass.UNKNOWN


def test_the_status_of_the_report_counts_when_the_text_has_none() -> None:
    """A code in the text goes before the one that was told beside it."""
    assert classifier().explain("no words", "5.2.2").cause is BounceClass.MAILBOX_FULL
    assert classifier().explain("550 5.1.1 nil", "5.2.2").cause is BounceClass.INVALID_RECIPIENT


def test_a_rule_of_a_family_holds_for_its_hosts_only() -> None:
    """`here` rules need a host of the family, or words that betray it."""
    text = "550 5.5.0 no longer valid, it says"
    assert classifier().explain(f"{text} - yahoo.com").rule == "yahoo.disabled"
    assert classifier().explain("554 message not allowed", host="mta5.am0.yahoodns.net").rule == "yahoo.policy"
    assert classifier().explain("554 message not allowed").rule != "yahoo.policy"
    told = failed("550 5.7.0 [CS01]")
    assert classifier().cause(told) is BounceClass.UNKNOWN
    by_apple = replace(told, receiver="mx02.mail.icloud.com")
    assert classifier().cause(by_apple) is BounceClass.REPUTATION_BLOCKLIST


HOSTILE = ["mailbox " * 200_000, "a-" * 500_000, "\x1b[31m" * 200_000, "a." * 10**6, "not user mail sender " * 50_000,
           "x" * 10**7, "<b>" * 10**6, "\ud800" * 100_000, "no " * 10**6, "(a+)+$" * 10**5, "用户" * 10**6,
           "".join(map(chr, range(0x4E00, 0x9000))),
           " ".join(f"{chr(at)}-{chr(at + 1)}" for at in range(0xC0, 0x1FFE, 2)), "a.b " * 10**5,
           " ".join(f"l'a{chr(at)}" for at in range(0xC0, 0x800))]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=[ascii(text[:8]) for text in HOSTILE])
def test_a_hostile_text_costs_little_more_than_a_long_reply(text: str) -> None:
    """Megabytes are looked at as far as an honest reply goes, whatever they hold."""
    assert cost(text) < MOST


SAID = sorted({word for family in shipped() for rule in family.rule for one in rule.says for word in one.split()})
WORDS = st.sampled_from([word for one in SAID for word in one.strip("?").replace("+", "|").split("|")])


@settings(deadline=None, phases=set(Phase) - {Phase.explain})  # which would trace, and slow down, what is measured
@given(st.lists(WORDS | st.text(max_size=4), min_size=1, max_size=6), st.sampled_from(["", " ", "\n", "-", "."]))
def test_words_made_to_match_cost_little_more_than_a_long_reply(words: list[str], between: str) -> None:
    """A thousand characters of the rules' own words, over and over, stay within the limit: no phrase multiplies."""
    assert cost((between.join(words) + " ") * 1000) < MOST


LONG = "550 5.7.1 This message is likely unsolicited mail. To reduce spam it has been blocked. " * 50
MOST = 8.0
"""Times the processor that an honest reply takes which is longer than what is looked at; 3 on a quiet machine."""


def cost(text: str) -> float:
    """A text as a multiple of the long reply: the best of five turns of each, with nothing remembered of them."""
    turns = [(_took(_new, text), _took(_new, LONG)) for _ in range(5)]
    return min(hostile for hostile, _ in turns) / min(honest for _, honest in turns)


def _took(rules: Classifier, text: str) -> float:
    rules._shaped.cache_clear()
    rules._shape.__self__.forget()  # type: ignore[attr-defined]
    begun = thread_time()
    rules.explain(text)
    return thread_time() - begun


@given(st.text(max_size=300), st.sampled_from(["", "5.1.1", "nonsense", "é"]))
def test_any_text_has_an_answer(text: str, status: str) -> None:
    """Nothing raises; the answer names a rule, or is the honest unknown."""
    found = classifier().explain(text, status)
    assert found is UNKNOWN or (found.rule and found.confidence in GRADES.values())


def test_all_causes_have_a_place() -> None:
    """The order of precedence names every cause but unknown."""
    assert set(ORDER) | {"unknown"} == {cause.value for cause in BounceClass}


@given(st.lists(st.sampled_from([text for _, text in WORDINGS]), min_size=1, max_size=30))
def test_an_answer_does_not_depend_on_what_was_asked_before(texts: list[str]) -> None:
    """Remembered answers are those that a new classifier gives."""
    assert [classifier().explain(text) for text in texts] == [_fresh(text) for text in texts]


_answers = {text: Classifier().explain(text) for _, text in WORDINGS[:1]}


def _fresh(text: str) -> object:
    """The answer before anything else was asked."""
    if text not in _answers:
        _answers[text] = _new.explain(text)
        _new._shaped.cache_clear()
    return _answers[text]


_new = Classifier()
