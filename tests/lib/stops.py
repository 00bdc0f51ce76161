# SPDX-License-Identifier: EUPL-1.2
"""Makes races of the system tests likely: runs each case while one of its programs after another is stopped for a moment,
as on a machine that has more to do. `stops.py WORDS` as run.py; SEED=… (1), JOBS=… (2). A case that fails is a suspicion: where
it states a time that somebody was promised, the stop itself breaks it."""

import concurrent.futures
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

SYSTEM = pathlib.Path(__file__).resolve().parents[1] / "system"
NAMES = {"contraclaved", "simmodem", "contraclavectl", "postgres"}
SEED, JOBS = os.environ.get("SEED", "1"), int(os.environ.get("JOBS", "2"))
LONGEST_S = 900


def cases(words):
    for path in sorted(SYSTEM.glob("[0-9]*.py")):
        for name in re.findall(r"(?m)^def (test_\w+)", path.read_text()):
            if not words or any(word in f"{path.stem}:{name}" for word in words):
                yield f"{path.stem}:{name}"


def children_of(folder):
    """What the case has started: its environment names the folder, or it works there (a server rewrites its environment)."""
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            is_ours = folder.encode() in (process / "environ").read_bytes() or os.readlink(process / "cwd").startswith(folder)
            if is_ours and os.path.basename(os.readlink(process / "exe")).split()[0] in NAMES:
                yield int(process.name)
        except OSError:  # it has ended, or is another's
            continue


def stop_one(folder, dice):
    time.sleep(dice.uniform(0.05, 0.3))
    found = sorted(children_of(folder))
    try:
        if found:
            os.kill(pid := dice.choice(found), signal.SIGSTOP)
            time.sleep(dice.uniform(0.02, 0.4))
            os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        pass


def run(case):
    dice, end = random.Random(SEED + case), time.monotonic() + LONGEST_S
    with tempfile.TemporaryDirectory(prefix="cc-stops-", ignore_cleanup_errors=True) as folder:
        pathlib.Path(folder).chmod(0o755)  # a server may be another user's
        with subprocess.Popen([sys.executable, SYSTEM / "run.py", case], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env={**os.environ, "TMPDIR": folder}) as program, concurrent.futures.ThreadPoolExecutor(1) as reader:
            told = reader.submit(program.stdout.read)
            while program.poll() is None and time.monotonic() < end:
                stop_one(folder, dice)
            program.kill()
            for pid in children_of(folder):  # of a case that failed; they hold its pipe
                os.kill(pid, signal.SIGKILL)
            return case, program.wait(), told.result()


def main():
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for case, status, told in pool.map(run, cases(sys.argv[1:])):
            failed += status != 0
            print(f"  {'FAIL' if status else 'ok  '}  {case}" + ("\n" + told if status else ""), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
