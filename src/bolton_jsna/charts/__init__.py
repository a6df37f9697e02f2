"""Charts from tidy frames, drawn for print and for the web from one specification."""
