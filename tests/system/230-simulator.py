# SPDX-License-Identifier: EUPL-1.2
"""The real daemon on the dialects of the simulated modem, and through a scenario; what simmodem says of a bad one."""

import concurrent.futures
import subprocess

from box import BUILD, ROOT, SLOW, eventually, folder, running
from town import NO_LIMITS

# The driver that each must get, and whether the simulated one tells reports.
DIALECTS = {"generic": "generic", "quectel": "quectel-lte", "simcom": "simcom-lte", "huawei": "huawei",
            "huawei-lte": "huawei-lte", "zte": "zte", "wavecom": "wavecom"}
SCENARIOS = ROOT / "tests/scenarios"
SLOW_PACE = ("test_a_night_in_seconds",)


def delivers(dialect, driver):
    with running(options=("--personality", dialect)) as (box, sim):
        box.ask_pin()
        eventually(lambda: box.status()["cola"]["entregado"] == 1)
        modem = box.status()["modems"][0]
        assert modem["controlador"] == driver, (dialect, modem)
        assert len(sim.inbox()) == 1, (dialect, sim.inbox())


def test_each_dialect_delivers_with_its_own_driver():
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(delivers, *row) for row in DIALECTS.items()]:
            done.result()


def test_a_night_in_seconds():
    """40 minutes of it in 8 s, with messages all the while: each arrives; twice only where the answer was lost, 23 s late, or cut
    off by the silence at the end, and no report told: the log says which was sent again."""
    night = ("--scenario", SCENARIOS / "night.scenario", "--scenario-speed", "300")
    with running(options=night, extra="espera_informe_s = 1", modem="plazo_envio_s = 2", limits=NO_LIMITS) as (box, sim):
        asked = 0

        def is_over():
            return any(f["name"] == "silent" for f in sim.ask(cmd="state")["faults"])

        while not is_over():
            box.ask_pin()
            asked += 1
            eventually(lambda: is_over() or len(sim.inbox()) >= asked, 40)
        sim.ask(cmd="clear-faults")
        eventually(lambda: box.status()["cola"]["entregado"] == asked, 40, 0.1)
        again = box.program.log().count("sin informe: se envía otra vez")
        assert asked > 5 / SLOW and again <= 3, (asked, again)
        assert asked <= len(sim.inbox()) <= asked + again, (asked, again, len(sim.inbox()))


def refused(*options):
    done = subprocess.run([BUILD / "simmodem", "--tcp", "0", *options], capture_output=True, text=True, timeout=30,
                          check=False)
    assert done.returncode == 64, done
    return done.stderr


def test_simmodem_says_what_is_wrong():
    with folder() as path:
        bad = path / "bad.scenario"
        bad.write_text("at 1 urc RING\nat noon urc RING\n")
        assert f"{bad}:2: not a time" in refused("--scenario", bad)
        assert "No such file" in refused("--scenario", path / "none")
    assert "unknown fault: nonsense" in refused("--fault", "nonsense")
    assert "unknown personality: nokia" in refused("--personality", "nokia")
    assert "15 digits" in refused("--imei", "1")
    assert "not a speed" in refused("--scenario-speed", "fast")
    assert "not a number of seconds" in refused("--cmgs-latency", "-1")
    assert "only one of" in refused("--unix", "/tmp/x")
