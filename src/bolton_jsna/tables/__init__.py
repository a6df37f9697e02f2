"""Readers: bytes in, tidy tables with states and sources out; one module per subject."""
