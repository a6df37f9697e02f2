"""The ground floor: areas, errors, states, years, files and words that every room may use."""
