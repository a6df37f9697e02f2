"""Rates, comparisons and summaries: frames in, frames out, no files."""
