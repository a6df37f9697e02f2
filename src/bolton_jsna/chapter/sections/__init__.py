"""The sections of the chapter, a module each, in the order in which they are read."""
