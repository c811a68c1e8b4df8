"""What a test plays on: everything is up inside a `with`, and gone after it."""

import contextlib


class Bed:
    """`_make` and `_start` put what must be undone onto `stack`; where one fails, it is undone at once."""

    def __init__(self):
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        try:
            self._make()
            self._start()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *_):
        self.stack.close()
