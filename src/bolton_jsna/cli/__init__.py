"""The command line: it talks, the library does not."""
