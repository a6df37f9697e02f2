"""What exists: datasets, publishers, licences and how to get them (data, no code)."""
