"""How files are opened: the same limits for all, and workbooks and Parquet in another process.

Local records, files added to ``data/raw`` and files from a publisher are all opened here.
"""
