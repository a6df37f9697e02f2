"""Static pages of many areas and indicators, for a council's web server or intranet."""
