"""Runs the tests of a folder and prints one JSON object a test: its name, verdict and last words.

No line of the suite that it runs is here: it is given by its folder. Names of tests as further
arguments choose some of them; the set-up of the class runs in any case.
"""

import json
import sys
import time
import unittest


class Verdicts(unittest.TextTestResult):
    """Tells each verdict when the test ends."""

    def startTest(self, test):
        self.started = time.monotonic()
        super().startTest(test)

    def tell(self, test, verdict, words=""):
        seconds = round(time.monotonic() - getattr(self, "started", time.monotonic()), 1)
        name = test.id().rsplit(".", 1)[-1]
        line = {"test": name, "verdict": verdict, "seconds": seconds, "words": words.strip()}
        print("VERDICT " + json.dumps(line), flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.tell(test, "pass")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.tell(test, "fail", str(err[1])[-600:])

    def addError(self, test, err):
        super().addError(test, err)
        self.tell(test, "error", repr(err[1])[-600:])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.tell(test, "skip", reason)


def chosen(suite, names):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from chosen(item, names)
        elif not names or item.id().rsplit(".", 1)[-1] in names:
            yield item


def main():
    folder, names = sys.argv[1], sys.argv[2:]
    found = unittest.TestLoader().discover(folder, top_level_dir=".")
    suite = unittest.TestSuite(chosen(found, names))
    result = unittest.TextTestRunner(resultclass=Verdicts, verbosity=0).run(suite)
    sys.exit(0 if result.wasSuccessful() else 1)


main()
