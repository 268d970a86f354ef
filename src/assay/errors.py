"""The one error that is the user's to mend."""


class UserError(ValueError):
    """Something the user gave is wrong; the message says what, where and what to do, on one line.

    The command line prints it and exits with code 2, without a traceback.
    """

    def __str__(self) -> str:
        return " ".join(part.strip() for part in super().__str__().splitlines())
