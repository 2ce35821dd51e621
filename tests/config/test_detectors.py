"""detectors.py: [[detector]] blocks, accounts' and domains' settings to detectors."""

from pathlib import Path

import pytest

from gatepost.config.detectors import detectors
from gatepost.config.load import read
from gatepost.config.mistakes import ConfigErrors, Mistake
from gatepost.detect import BUILT_IN
from gatepost.detect.base import Detector
from gatepost.detect.identity import Identity
from gatepost.detect.quota import Limits, Quota
from gatepost.detect.rule import Rule
from gatepost.detect.spread import Spread
from gatepost.detect.volume import Volume

RULE = '[[detector]]\nkind = "rule"\nname = "{}"\ncount = "delivery.deferred"\nat_least = 40\npoints = 30\n'


def built(text: str) -> dict[str, Detector]:
    """The detectors of a configuration, by name."""
    return {detector.name: detector for detector in detectors(read(text, "gatepost.toml", Path("/")))}


def wrong(text: str) -> list[Mistake]:
    """What is wrong with it."""
    with pytest.raises(ConfigErrors) as caught:
        built(text)
    return list(caught.value.mistakes)


def test_all_built_in_detectors_are_on() -> None:
    """Without a block every built-in detector works with its defaults."""
    assert list(built("").values()) == [kind() for kind in BUILT_IN]


def test_a_block_changes_the_one_it_names() -> None:
    """A block sets parameters of its detector and leaves the others alone."""
    found = built('[[detector]]\nkind = "spread"\nper_network = 8\nshadow = true\n')
    assert found["spread"] == Spread(per_network=8, shadow=True)
    assert len(found) == len(BUILT_IN)


def test_enabled_false_takes_a_detector_away() -> None:
    """A detector that is switched off is not there."""
    assert "spread" not in built('[[detector]]\nkind = "spread"\nenabled = false\n')


def test_rules_come_on_top() -> None:
    """Each rule is one more detector, under its own name."""
    found = built(RULE.format("one") + RULE.format("two"))
    assert isinstance(found["one"], Rule) and list(found)[-2:] == ["one", "two"]


def test_accounts_and_domains_reach_the_quota() -> None:
    """Quotas of [account] and [domain] are folded into the quota detector, whatever the spelling of the login."""
    text = '[accounts]\ndefault_domain = "example.org"\n[account."Shop"]\nquota = { hour = 5000, day = 20000 }\n'
    quota = built(text + '[domain."Example.TEST"]\nquota = { hour = 30, day = 100 }\n')["quota"]
    assert isinstance(quota, Quota)
    assert quota.limits("shop@example.org") == Limits(5000, 20000)
    assert quota.limits("ann@example.test") == Limits(30, 100)
    assert quota.limits("ann@example.org") == Limits()


def test_roles_reach_their_detectors() -> None:
    """relay and device free from identity, shared widens spread, bulk speaks to volume and quota."""
    roles = {"relay": "r", "device": "d", "shared": "s", "bulk": "b", "person": "p"}
    found = built("".join(f'[account."{name}@example.org"]\nrole = "{role}"\n' for role, name in roles.items()))
    identity, spread, volume, quota = (found[name] for name in ("identity", "spread", "volume", "quota"))
    assert isinstance(identity, Identity) and identity.relays == ("r@example.org", "d@example.org")
    assert isinstance(spread, Spread) and spread.shared == ("s@example.org",)
    assert isinstance(volume, Volume) and volume.bulk == ("b@example.org",)
    assert isinstance(quota, Quota) and quota.bulk == ("b@example.org",)


def test_doubles_are_refused() -> None:
    """Two blocks of one built-in detector, or two rules of one name, are a mistake at the second."""
    assert [mistake.key for mistake in wrong(RULE.format("one") + RULE.format("one"))] == ["detector[1]"]
    assert [mistake.key for mistake in wrong('[[detector]]\nkind="spread"\n' * 2)] == ["detector[1]"]


@pytest.mark.parametrize(
    ("block", "key", "remedy"),
    [
        ('kind = "spred"', "kind", 'did you mean "spread"'),
        ('kind = "spread"\nper_netwrk = 1', "per_netwrk", 'did you mean "per_network"'),
        ('kind = "spread"\nhour_points = [[5, 20], [3, 45]]', "hour_points", "ascending"),
        ('kind = "spread"\nhour_points = [[5, 200]]', "hour_points", "0 to 100"),
        ('kind = "spread"\nhour_points = []', "hour_points", "enabled = false"),
        ('kind = "spread"\nhour_points = [[1, 2, 3]]', "hour_points[0]", "[a number, a number]"),
        ('kind = "spread"\nhour_points = [[nan, 2]]', "hour_points[0]", "[a number, a number]"),
        ('kind = "spread"\nstrange_extra = nan', "strange_extra", "a number"),
        ('kind = "volume"\nwithin = "0s"', "within", "more than nothing"),
        ('kind = "volume"\nwithin = "59s"', "within", 'write "1m" or more'),
        ('kind = "volume"\nleast = -1', "least", "more than nothing"),
        ('kind = "rule"\nname = "x"\ncount = "delivery.failed"\nat_least = 1\npoints = 1', "count", "did you mean"),
        ('kind = "rule"\nname = "x"\ncount = "login.ok"\nat_least = 0\npoints = 1', "at_least", "1 or more"),
        ('kind = "rule"\nname = "x"\ncount = "login.ok"\nat_least = 1\npoints = 101', "points", "0 to 100"),
        ('kind = "rule"\nname = "x"\nCOUNT\nfamily = "v"', "family", "there are"),
        ('kind = "rule"\nname = "spread"\ncount = "login.ok"\nat_least = 1\npoints = 1', "name", "name of its own"),
        ('kind = "rule"\nname = "operator"\nCOUNT', "name", "name of its own"),
        ('kind = "rule"\nname = "x"\nCOUNT\nonly = { land = ["DE"] }', "only.land", "country"),
    ],
)
def test_mistakes_of_detectors_have_their_place(block: str, key: str, remedy: str) -> None:
    """A wrong parameter is reported at its own key, with what to write instead."""
    block = block.replace("COUNT", 'count = "login.ok"\nat_least = 1\npoints = 1')
    (only,) = wrong(f"[[detector]]\n{block}\n")
    assert only.key == f"detector[0].{key}" and remedy in only.remedy


def test_a_rule_about_networks_needs_their_table() -> None:
    """`only` on networks works with the table of addresses, and is refused without it (contracts 27)."""
    text = RULE.format("x") + 'only = { network = ["as64500"] }\n'
    assert "x" in built(text)
    (only,) = wrong(text + '[data]\nasn = "none"\n')
    assert only.key == "detector[0].only" and "data.asn" in only.remedy


def test_a_rule_about_countries_needs_their_table() -> None:
    """As one about networks does."""
    text = RULE.format("x") + 'only = { country = ["DE"] }\n'
    assert "x" in built(text)
    (only,) = wrong(text + '[data]\ncountry = "none"\n')
    assert only.key == "detector[0].only" and "data.country" in only.remedy


def test_a_rule_that_counts_nothing_is_refused() -> None:
    """What only the detector itself can see is reported at its block."""
    (only,) = wrong('[[detector]]\nkind = "rule"\nname = "x"\nat_least = 1\npoints = 1\n')
    assert only.key == "detector[0]" and "either count or distinct" in only.message
