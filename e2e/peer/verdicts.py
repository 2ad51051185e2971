"""Runs the tests of a folder and prints one JSON object a test: its name, verdict and last words.

No line of the suite that it runs is here: it is given by its folder. Names of tests as further
arguments choose some of them; the set-up of the class runs in any case. With --forced those run too
that the suite itself skips.
"""

import json
import subprocess
import sys
import time
import unittest

SKIPPED = "__unittest_skip__"
REST_SECONDS = 60


def listed(*words):
    """The objects that kubectl lists; none where it fails."""
    command = ["kubectl", "get", *words, "--all-namespaces", "--output=json"]
    answer = subprocess.run(command, capture_output=True, check=False)
    return json.loads(answer.stdout)["items"] if answer.returncode == 0 else []


def moving():
    """Names of clusters that are not as they should be yet: a test would begin too early."""
    names = set()
    for cluster in listed("postgresqls"):
        if cluster.get("status", {}).get("PostgresClusterStatus") != "Running":
            names.add(cluster["metadata"]["name"])
    for pod in listed("pods", "--selector=application=spilo,!spilo-role"):
        names.add(pod["metadata"]["labels"]["cluster-name"])
    for replicas in listed("statefulsets", "--selector=application=spilo"):
        if replicas["status"].get("readyReplicas", 0) != replicas["spec"]["replicas"]:
            names.add(replicas["metadata"]["name"])
    return names


given_up = set()


def rest():
    """Lets the test before come to its end: some begin by asking which pod has which role."""
    until = time.monotonic() + REST_SECONDS
    while left := moving() - given_up:
        if time.monotonic() > until:
            given_up.update(left)
        time.sleep(0.5)


class Verdicts(unittest.TextTestResult):
    """Tells each verdict when the test ends."""

    def startTest(self, test):
        rest()
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


def force(test):
    """Takes a test out of what made it be skipped, and keeps its limit of time."""
    name = test.id().rsplit(".", 1)[-1]
    method = getattr(type(test), name)
    if not getattr(method, SKIPPED, False):
        return
    while hasattr(method, "__wrapped__"):
        method = method.__wrapped__
    vars(method).pop(SKIPPED, None)
    import timeout_decorator  # of the suite's own requirements

    limited = timeout_decorator.timeout(test.TEST_TIMEOUT_SEC)(method)
    setattr(type(test), name, limited)


def main():
    folder, *names = [word for word in sys.argv[1:] if word != "--forced"]
    found = unittest.TestLoader().discover(folder, top_level_dir=".")
    tests = list(chosen(found, names))
    if "--forced" in sys.argv:
        for test in tests:
            force(test)
    suite = unittest.TestSuite(tests)
    result = unittest.TextTestRunner(resultclass=Verdicts, verbosity=0).run(suite)
    sys.exit(0 if result.wasSuccessful() else 1)


main()
