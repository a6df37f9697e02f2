"""How files are opened: the same limits for every door, and risky kinds in a process of their own.

An extract, a file put into ``data/raw`` and a file that a publisher sent are all opened here.
"""
