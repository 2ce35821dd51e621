"""How evidence, verdicts and incidents look: one formatter for every command, notice and file."""

import json

from gatepost.act.foreign import visible
from gatepost.core.evidence import Evidence, Level, Verdict
from gatepost.core.incident import Incident
from gatepost.core.units import Account, clock_time, iso
from gatepost.judge.docket import Change
from gatepost.judge.score import Levels, counted, weigh

Json = dict[str, object]


def to_json(value: object) -> str:
    """A value as JSON on one line; octets of a log that are no UTF-8 appear as lone surrogates, which JSON can hold."""
    return json.dumps(value, ensure_ascii=False, default=_octets).encode("utf-8", "backslashreplace").decode()


def _octets(value: object) -> str:
    return value.hex() if isinstance(value, (bytes, bytearray)) else str(value)


def evidence_json(proof: Evidence) -> Json:
    """One piece of evidence as the machine contract has it."""
    return {
        "detector": proof.detector,
        "family": proof.family.value,
        "points": proof.points,
        "says": proof.says,
        "measured": proof.measured,
        "limit": proof.limit,
        "values": list(proof.values),
        "cites": [str(cursor) for cursor in proof.cites],
    }


def change_json(change: Change) -> Json:
    """One change of an account's level as the machine contract has it."""
    verdict, incident = change.verdict, change.incident
    return {
        "time": iso(change.at),
        "account": change.account,
        "level": change.level.word,
        "score": verdict.score,
        "incident": incident.key if incident is not None else None,
        "evidence": [evidence_json(proof) for proof in verdict.because],
    }


def incident_json(incident: Incident) -> Json:
    """One incident."""
    return {
        "incident": incident.key,
        "account": incident.account,
        "state": incident.state.value,
        "level": incident.peak.word,
        "score": incident.verdict.score,
        "since": iso(incident.hostile_since or incident.opened),
        "opened": iso(incident.opened),
        "changed": iso(incident.changed),
        "stopped": iso(incident.stopped) if incident.stopped else None,
        "out_before": incident.out_before,
        "out_after": incident.out_after,
        "refused": incident.refused,
        "spared": incident.verdict.spared,
        "evidence": [evidence_json(proof) for proof in incident.verdict.because],
    }


def verdict_text(verdict: Verdict, level: Level, incident: Incident | None, mode: str, levels: Levels) -> list[str]:
    """A verdict in words, a line a fact."""
    of = f"   incident {incident.key} ({mode})" if incident is not None else ""
    lines = [f"{visible(verdict.account)}   {level.name}   score {verdict.score:g}   {iso(verdict.at)}{of}"]
    carrying = counted(verdict.because)
    lines += [_fact(proof, proof in carrying, carrying) for proof in verdict.because]
    if verdict.spared:
        lines.append(f"  but: {visible(verdict.spared)}")
    lines += _outlook(verdict, carrying, levels)
    return lines


def _fact(proof: Evidence, counts: bool, carrying: tuple[Evidence, ...]) -> str:
    points = f"+{proof.points:.0f}" if counts else "(0)"
    why = ""
    if not counts and proof.points:
        stronger = next((other.detector for other in carrying if other.family is proof.family), "")
        why = f"; not added: {stronger} is stronger"
    cites = "  ".join(str(cursor) for cursor in proof.cites[-2:])
    return f"  {points:>4} {proof.family.value:<11} {proof.detector:<12} {visible(proof.says)}{why}   {visible(cites)}"


def _outlook(verdict: Verdict, carrying: tuple[Evidence, ...], levels: Levels) -> list[str]:
    """What the level would be without the strongest fact, and when the next one ends."""
    if not carrying:
        return []
    strongest = carrying[0]
    rest = [proof for proof in verdict.because if proof.detector != strongest.detector]
    _, level, _ = weigh(rest, levels)
    ends = min(verdict.because, key=lambda proof: proof.until)
    return [
        f"  would be {level.name} without {strongest.detector}; "
        f"next change {clock_time(ends.until)}, when {ends.detector} expires"
    ]


def reasons(verdict: Verdict, most: int = 3) -> str:
    """The strongest facts in one sentence."""
    facts = [f"{proof.says}" for proof in counted(verdict.because)[:most]]
    demanded = [proof.says for proof in verdict.because if proof.demands and not proof.points]
    return visible("; ".join(facts + demanded[: most - len(facts)]), 300)


def account_of(text: str) -> Account:
    """The account an operator names: an account, or an incident such as "ann@example.org#3"."""
    head, mark, number = text.rpartition("#")
    return Account((head if mark and number.isdigit() else text).strip().lower())
