# SPDX-License-Identifier: EUPL-1.2
"""Runs the system tests: every test_* function of every NNN-topic.py here, or of those named on the command line."""

import concurrent.futures
import importlib.util
import io
import os
import pathlib
import signal
import sys
import threading
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))


class PerThread(io.TextIOBase):
    """What a test prints is shown only if it fails, and not mixed with another's."""

    local = threading.local()

    def write(self, text):
        getattr(self.local, "buffer", sys.__stdout__).write(text)
        return len(text)


from box import BUILD, PRELOADS, SLOW, NeedsFile  # noqa: E402


CHEAP_HASH = BUILD / "tests/preload_hash.so"
LONG, BESIDE, SLOW_PACE, ALONE = range(4)


def load(path):
    """The tests of a file. A file may name some of them: LONG ones begin first, for the others to fill the time beside
    them. Those that measure a time of the machine run behind all others: SLOW_PACE, which measure tenths of seconds and
    mostly wait, three at once, and at the end each of ALONE by itself."""
    spec = importlib.util.spec_from_file_location(path.stem.replace("-", "_"), path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    names = [name for name in vars(module) if name.startswith("test_")]
    kinds = [set(getattr(module, kind, ())) for kind in ("LONG", "SLOW_PACE", "ALONE")]
    assert set().union(*kinds) <= set(names), (path, kinds)
    for name in names:
        function = getattr(module, name)
        function.order = next((order for kind, order in zip(kinds, (LONG, SLOW_PACE, ALONE)) if name in kind), BESIDE)
        yield f"{path.stem}:{name}", function


def run(test):
    name, function = test
    PerThread.local.buffer = io.StringIO()
    started = time.monotonic()
    try:
        function()
        error = None
    except NeedsFile as not_here:
        error = not_here
    except BaseException:
        error = traceback.format_exc()
    printed = PerThread.local.buffer.getvalue()
    del PerThread.local.buffer
    return name, time.monotonic() - started, error, printed


def main():
    """--together and --alone: only those that run beside all others, or only the others."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background ignores it, and so would its children
    options = {word for word in sys.argv[1:] if word.startswith("--")}
    assert options <= {"--together", "--alone"}, options
    wanted = [word for word in sys.argv[1:] if word not in options]
    paths = sorted(p for p in HERE.glob("[0-9]*.py"))
    tests = [t for p in paths for t in load(p) if not wanted or any(w in t[0] for w in wanted)]
    if options:
        tests = [t for t in tests if ("--alone" in options) == (t[1].order >= SLOW_PACE)]
    tests.sort(key=lambda test: test[1].order)
    sys.stdout = PerThread()
    failed = skipped = 0
    for orders, jobs in (((LONG, BESIDE), int(os.environ.get("JOBS", "9"))), ((SLOW_PACE,), 3), ((ALONE,), 1)):
        # passwords are cheap but where a time is measured
        PRELOADS[:] = [str(CHEAP_HASH)] if orders[0] < SLOW_PACE and SLOW == 1 and CHEAP_HASH.exists() else []
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for name, seconds, error, printed in pool.map(run, [t for t in tests if t[1].order in orders]):
                is_skipped = isinstance(error, NeedsFile)
                skipped += is_skipped
                failed += error is not None and not is_skipped
                print(f"  {'skip' if is_skipped else 'FAIL' if error else 'ok  '} {seconds:6.2f} s  {name}")
                if error and not is_skipped:
                    print(printed + error)
    print(f"{len(tests) - failed - skipped} passed, {failed} failed")
    return 1 if failed or not tests else 0


failed = main()
sys.__stdout__.flush()
os._exit(failed)  # not held by a thread that a test which failed has left
