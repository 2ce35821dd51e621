"""What an operator may call the language of a log."""

from typing import TYPE_CHECKING, Literal

from gatepost.mta import DIALECTS

if TYPE_CHECKING:
    Language = str
else:
    Language = Literal[("auto", *DIALECTS)]
    """The name of any dialect there is: the registry alone knows them."""
