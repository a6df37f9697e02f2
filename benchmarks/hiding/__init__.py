"""The parts of ``benchmarks/disclosure.py``: an auditor that shares no code with the library."""
