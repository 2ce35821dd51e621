"""Postfix's log language: one file for each of its servers' kinds of lines, and the grammar they share."""

from gatepost.mta.postfix.program import Postfix

__all__ = ["Postfix"]
