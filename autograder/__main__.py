"""The command `course`: signals are watched first, since all else takes its time to be imported."""

from autograder import stopping


def main() -> None:
    """Run `course` as it was typed."""
    stopping.watch()
    from autograder.cli import main as course

    course()


if __name__ == "__main__":
    main()
