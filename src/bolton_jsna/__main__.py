"""Run the command line with ``python -m bolton_jsna``."""

from bolton_jsna.core.isolation import leave_current_folder_out

if __name__ == "__main__":
    # Before other imports, because Python would look for modules in the current folder first.
    leave_current_folder_out()

from bolton_jsna.cli.main import main

if __name__ == "__main__":
    main()
