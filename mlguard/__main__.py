"""`mlguard` and `python -m mlguard`."""

from mlguard.cli import main

if __name__ == "__main__":
    main()
