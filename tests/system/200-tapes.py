# SPDX-License-Identifier: EUPL-1.2
"""One test per tape of tests/tape: the real daemon talks to that modem, and a user sees what its .expect says."""

import json

from box import eventually, folder, on_modem
from tape import HEADER, TAPES, Tape, TapeError, TapeModem, all_tapes

KEYS = {"estado", "envia", "nunca", "contraclave"}


def matches(command, pattern):
    return command.startswith(pattern[:-1]) if pattern.endswith("*") else command == pattern


def sent_in_order(commands, wanted):
    """What is missing of `wanted`, in that order among others; None if nothing."""
    rest = iter(list(commands))
    for pattern in wanted:
        if not any(matches(c, pattern) for c in rest):
            return pattern
    return None


def check_state(box, wanted):
    def shown():
        modem = box.status()["modems"][0]
        return {key: modem.get(key) for key in wanted}
    try:
        eventually(lambda: shown() == wanted, 5, 0.02)
    except AssertionError:
        raise AssertionError(f"shown {shown()}, expected {wanted}") from None


def check_message(box, wanted):
    def state():
        return [m["estado"] for m in json.loads(box.ctl("--json", "cola").stdout)["mensajes"]]
    box.ask_pin()
    try:
        eventually(lambda: state() == [wanted], 5, 0.05)
    except AssertionError:
        raise AssertionError(f"the contraclave is {state()}, expected {wanted}") from None


def check_sent(modem, wanted):
    """Also what follows the message: a modem that started anew is set up again."""
    try:
        eventually(lambda: sent_in_order(modem.commands, wanted) is None, 5, 0.02)
    except AssertionError:
        raise AssertionError(f"not sent, or not in this order: {sent_in_order(modem.commands, wanted)}") from None


def play(path):
    tape = Tape(path)
    tape.check_header()
    expect = json.loads(path.with_suffix(".expect").read_text(encoding="utf-8"))
    assert set(expect) <= KEYS, set(expect) - KEYS
    modem = TapeModem(tape)
    with on_modem(modem) as box:
        if "contraclave" in expect:
            check_message(box, expect["contraclave"])
        check_state(box, {"basura": 0, **expect.get("estado", {})})
        check_sent(modem, expect.get("envia", []))
        for pattern in expect.get("nunca", []):
            never = [c for c in modem.commands if c.startswith(pattern.rstrip("*"))]
            assert not never, f"sent, and it never should be: {never}"


def tape_test(path):
    return lambda: play(path)


for _path in all_tapes():
    globals()[f"test_{_path.parent.name}_{_path.stem}".replace("-", "_")] = tape_test(_path)


def test_a_tape_without_its_full_header_is_refused():
    good = (TAPES / "huawei-e173/noise.tape").read_text(encoding="utf-8")
    bad = [good.replace(f"{key}:", "#", 1) for key in HEADER]
    bad += [good.replace("no es una captura", "", 1), good.replace("2026-", "26-", 1), good.replace("base:", "vase:", 1),
            good.replace("> AT^CURC=0", ">AT^CURC=0", 1), good + "firmware: 2\n", "< OK\n"]
    with folder() as path:
        for number, text in enumerate(bad):
            name = path / f"{number}.tape"
            name.write_text(text, encoding="utf-8")
            try:
                Tape(name).check_header()
            except TapeError:
                continue
            raise AssertionError(f"taken: {number}")
