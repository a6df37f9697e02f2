"""Draw maps: what a map says, its classes and colours, for the web and for print."""
