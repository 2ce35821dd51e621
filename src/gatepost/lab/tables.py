"""Results as tables for people."""

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from gatepost.lab.report import GATEPOST, Result
from gatepost.lab.score import Caught, Row, Score, Wrong, summary
from gatepost.lab.stealth import CAMPAIGN, SHAPES

HEAD = ("", "caught", "phish", "own place", "escaped", "with all", "median out", "wrong/100,000")


def whole(results: Sequence[Result]) -> Iterator[tuple[str, ...]]:
    """The table of the experiment: a head, then a row for everybody who spoke, learnt logs before cold ones."""
    yield HEAD
    for title, attacked, honest in (("", "attacked", "honest"), ("cold: ", "cold", "cold")):
        thefts, calm = _of(results, attacked), _of(results, honest)
        if thefts or calm:
            for who in (thefts or calm)[0].scores:
                found = summary([one.scores[who] for one in thefts], [one.scores[who] for one in calm])
                yield (f"{title}{who}", *cells(found))


def shapes(scores: Sequence[Score]) -> Iterator[tuple[str, ...]]:
    """A row for each shape of theft."""
    yield ("shape", "thefts", "caught", "out: median", "most", "of", "escaped")
    for shape in (*SHAPES, CAMPAIGN):
        found = [one for score in scores for one in score.thefts if one.theft.shape == shape]
        if found:
            yield _shape(shape, found)


def wronged(scores: Sequence[Score]) -> Iterator[tuple[str, ...]]:
    """A row for each profile that was wronged."""
    yield ("profile", "wronged")
    counts = Counter(one.profile for score in scores for one in score.wrong)
    yield from ((profile, str(number)) for profile, number in counts.most_common())


def mistakes(results: Sequence[Result]) -> Iterator[str]:
    """Every account that was wronged, and every thief who was missed."""
    for result in results:
        seed, kind = result.log.recipe.seed, result.log.kind
        yield from (f"seed {seed} {kind}: {_wrong(one)}" for one in result.scores[GATEPOST].wrong)
        missed = (one for one in result.scores[GATEPOST].thefts if one.at is None)
        yield from (f"seed {seed} {kind}: missed {one.theft.shape} on {one.theft.account}" for one in missed)


def text(rows: Sequence[tuple[str, ...]]) -> str:
    """Rows under each other: the first column to the left, all others to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: tuple[str, ...], widths: Sequence[int]) -> str:
    name, *others = row
    return "  ".join(
        (name.ljust(widths[0]), *(cell.rjust(wide) for cell, wide in zip(others, widths[1:], strict=True)))
    )


def _of(results: Sequence[Result], kind: str) -> list[Result]:
    return [one for one in results if one.log.kind == kind]


def cells(row: Row) -> tuple[str, ...]:
    """A row of results as text; - where nothing of the kind happened."""
    shares = (row.caught, row.phish, row.own, row.escaped, row.escaped_all)
    return (*(_told(share, ".1%") for share in shares), _told(row.median_out, "g"), _told(row.wrong, ".1f"))


def _told(figure: float | None, form: str) -> str:
    return "-" if figure is None else format(figure, form)


def _shape(shape: str, found: Sequence[Caught]) -> tuple[str, ...]:
    caught = [one for one in found if one.at is not None]
    out, wanted = sorted(one.out for one in found), sum(one.theft.recipients for one in found)
    return (
        shape, str(len(found)), f"{len(caught) / len(found):.0%}", f"{median(out):g}", str(out[-1]),
        f"{wanted // len(found)}", f"{sum(out) / wanted:.1%}",
    )  # fmt: skip


def _wrong(one: Wrong) -> str:
    return f"wronged {one.profile} {one.account}: {one.level}: {one.says}"
