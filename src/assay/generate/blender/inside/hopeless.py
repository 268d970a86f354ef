"""Failures that every picture would meet: the host ends the job with their message."""


class Hopeless(Exception):
    """The message says what to do."""
