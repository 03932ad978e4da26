"""``python -m cereblon`` is the command ``cereblon``."""

from cereblon.show.cli import main

if __name__ == "__main__":
    main()
