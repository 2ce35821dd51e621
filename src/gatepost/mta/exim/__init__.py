"""Exim's log language: one file for each kind of line, and the clock and grammar they share."""

from gatepost.mta.exim.dialect import Exim

__all__ = ["Exim"]
