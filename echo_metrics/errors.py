"""Errors meant for the person who can mend them, apart from bugs.

Anything that is not a `UserError` is a bug: it keeps its traceback and goes to the log.
"""


class UserError(Exception):
    """Something the user gave us can't be used. The message says what, where and what to do, in one sentence or two."""


class FileRefused(UserError):
    """An input file can't be read at all; nothing of it was written."""

    def __init__(self, file: str, problem: str, remedy: str) -> None:
        self.file = file
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{file}: {problem} {remedy}")


class StoreBusy(UserError):
    """The store file is held by another process."""


class StoreFull(UserError):
    """The disk has no room for what should be written; nothing was changed."""


class NotAllowed(UserError):
    """The person asking may not see or do this."""
