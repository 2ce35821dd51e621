"""Reply code, enhanced status code and text to a cause, with the rule that said so."""

from gatepost.enrich.bounces.classify import SURE, UNKNOWN, Answer, Classifier, classifier

__all__ = ["SURE", "UNKNOWN", "Answer", "Classifier", "classifier"]
