"""Maps for the web: one page that opens without a network."""
