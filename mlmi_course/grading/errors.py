"""Errors that a person at the command line reads as one line."""


class GradingError(Exception):
    """Something that the instructor, and not a student, has to mend."""


class Stopped(GradingError):
    """The run was interrupted; what was judged is kept."""
