"""The embedded official extract for Bolton and its comparators."""
