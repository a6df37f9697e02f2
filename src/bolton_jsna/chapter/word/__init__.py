"""The chapter as a Word file."""
