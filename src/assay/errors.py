"""The one error that is the user's to mend."""


class UserError(ValueError):
    """Something the user gave is wrong; the message says what, where and what to do.

    The command line prints the message on one line and exits with code 2, without a traceback.
    """
