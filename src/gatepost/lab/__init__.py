"""The laboratory: made traffic with a known truth, and how well gatepost finds the thieves in it.

`story.py` tells what happens on a mail server day by day: people (`people.py`, `habits.py`), machines and lists
(`bulk.py`), changes in honest lives (`changes.py`), thieves (`thefts.py`, `stealth.py`) and trouble at receivers
(`receivers.py`). `exim.py` and `postfix.py` write it as real logs. `score.py` compares what was said with the truth.

It stands beside the product: nothing here knows a detector, a page or a judge, and they know nothing of it.
"""
