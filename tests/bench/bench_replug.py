# SPDX-License-Identifier: EUPL-1.2
"""A hundred returns in a row: tests/system/250-replug.py at full length, with its figures."""

import importlib.util
import os
import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "lib"))
os.environ.setdefault("REPLUGS", "100")

from figures import tell  # noqa: E402

spec = importlib.util.spec_from_file_location("replug", TESTS / "system/250-replug.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
took = sorted(module.replug_often())
tell("replug: back under another name, the next send after, median", took[len(took) // 2], "s", under=module.HEARD_S)
tell("replug: the longest", took[-1], "s", under=module.BACK_S)
