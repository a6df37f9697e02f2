"""The command line. It prints; the library does not."""
