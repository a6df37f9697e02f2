"""Lines of the table of claims: how often a word is used where there is nothing to say."""
