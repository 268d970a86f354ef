"""The program: ``assay``, and the same as ``python -m assay``."""

from assay.cli.stopping import listen

listen()  # before anything else is imported, which takes its time


def main() -> None:
    """Entry point."""
    from assay.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
