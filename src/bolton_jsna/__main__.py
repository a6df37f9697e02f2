"""Run the command line with ``python -m bolton_jsna``."""

from bolton_jsna.cli import main

if __name__ == "__main__":
    main()
