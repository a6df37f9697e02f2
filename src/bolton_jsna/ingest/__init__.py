"""Files in data/raw/: fetch, check, compare, store and report them."""
