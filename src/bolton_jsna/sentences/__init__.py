"""Sentences: tables with intervals, states and verdicts as an author would write them."""
