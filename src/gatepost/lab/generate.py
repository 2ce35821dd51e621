"""Writes a story into a folder: the log, what an operator knows, and the truth."""

from collections.abc import Callable
from pathlib import Path

from gatepost.lab import truth
from gatepost.lab.exim import EximLog
from gatepost.lab.postfix import PostfixLog
from gatepost.lab.story import Story
from gatepost.lab.truth import Recipe, Truth
from gatepost.lab.world import DAY

WRITERS: dict[str, type[EximLog] | type[PostfixLog]] = {"exim": EximLog, "postfix": PostfixLog}
"""Logs of which servers can be written."""

TRUTH, DOMAINS = "truth.json", "domains.json"


def generate(recipe: Recipe, mta: str, folder: Path, tell: Callable[[int], None] = lambda day: None) -> Truth:
    """Write log, truth and domains.

    Args:
        recipe: of the story.
        mta: a key of `WRITERS`.
        folder: where to; made when it is not there.
        tell: is called with the number of each day that is written.

    Raises:
        ConfigError: the recipe cannot be told.
        OSError: the folder cannot be written.
    """
    story, writer = Story(recipe), WRITERS[mta](recipe.seed)
    folder.mkdir(parents=True, exist_ok=True)
    number = 0
    with (folder / writer.name).open("w") as log:
        for day, happenings in enumerate(story.days()):
            for happening in happenings:
                writer.put(happening)
            until = recipe.start + (day + 1) * DAY if day + 1 < recipe.days else float("inf")
            lines = writer.take(until)
            log.writelines(f"{line}\n" for line in lines)
            number += len(lines)
            tell(day + 1)
    accounts = {person.account: person.profile for person in story.people}
    found = Truth(recipe=recipe, accounts=accounts, thefts=tuple(story.thefts()), lines=number)
    (folder / TRUTH).write_bytes(truth.save(found))
    (folder / DOMAINS).write_bytes(truth.domains())
    return found
