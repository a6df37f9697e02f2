"""Keep data/raw/ right: what is stored is checked, compared, locked and reported."""
