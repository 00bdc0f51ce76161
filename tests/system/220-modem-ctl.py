# SPDX-License-Identifier: EUPL-1.2
"""What a technician does with contraclavectl: look at a modem, try it, read its trace, ask the doctor."""

import json
import os

from box import PHONE, Box, Sim, code_of, eventually, folder, running, serving
from driven import DrivenBox
from town import modems, pool
from usb import Usb


def findings(box, **kw):
    done = box.ctl("--json", "diagnostico", check=False, **kw)
    return done.returncode, json.loads(done.stdout)


def said(rows, verdict, *words):
    """One finding of this verdict has all these words."""
    return any(r["resultado"] == verdict and all(w in r["que"] + " " + r["frase"] for w in words) for r in rows)


def test_list_and_look():
    with running() as (box, sim):
        listed = box.ctl("modem", "lista").stdout
        assert "principal" in listed and "listo" in listed and sim.device in listed
        seen = box.ctl("modem", "ver").stdout
        assert "SIMMODEM" in seen and "490154203237518" not in seen, "the IMEI is masked"
        eventually(lambda: box.ctl("modem", "ver", "principal").stdout == box.ctl("modem", "ver").stdout)  # a value may change between two looks
        missing = box.ctl("modem", "ver", "otro", check=False)
        assert missing.returncode == 69 and "nombre" in missing.stderr


def test_with_several_a_name_is_needed():
    with pool(2) as (box, _):
        nameless = box.ctl("modem", "ver", check=False)
        assert nameless.returncode == 65 and "nombre" in nameless.stderr
        assert "m1" in box.ctl("modem", "ver", "m1").stdout


def test_a_trial_message():
    with running() as (box, sim):
        done = box.ctl("modem", "prueba", "600 123 123")
        assert "Entregado" in done.stdout, done.stdout
        message, = sim.inbox()
        assert message["number"] == PHONE and "SMS de prueba" in message["text"]


def test_a_trial_goes_by_the_modem_that_is_tried():
    with pool(2) as (box, sims):
        eventually(lambda: all(m["listo"] for m in modems(box).values()))
        for _ in range(3):
            box.ctl("modem", "prueba", PHONE, "--nombre", "m1")
        assert [len(sim.inbox()) for sim in sims] == [0, 3]


def test_a_trial_that_is_refused():
    with running() as (box, sim):
        sim.ask(cmd="fault", fault="cms:21")
        done = box.ctl("modem", "prueba", PHONE, check=False)
        assert done.returncode == 75 and "rechazado" in done.stdout and "21" in done.stdout
        wrong = box.ctl("modem", "prueba", "12", check=False)
        assert wrong.returncode == 65 and "numero" in wrong.stderr
        assert box.ctl("modem", "prueba", check=False).returncode == 64


def test_the_trace_has_the_talk_and_no_secret():
    with running(limits="segundos_entre_peticiones = 0") as (box, sim):
        for _ in range(3):
            box.ask_pin()
        eventually(lambda: box.status()["cola"]["entregado"] == 3)
        trace = box.ctl("modem", "traza").stdout
        assert "AT+CMGS=" in trace and "+CDS:" in trace and "OK" in trace
        assert PHONE[1:] not in trace
        codes = [code_of(message) for message in sim.inbox()]  # all three: four digits are in some time or number by chance
        assert not all(code in trace for code in codes), codes


def test_a_restart_by_hand():
    with running(kind=DrivenBox, true_network=True) as (box, sim):
        before = sim.ask(cmd="state")["by_command"].get("+CFUN", 0)
        assert "reinicia" in box.ctl("modem", "reinicia").stdout
        box.until(lambda: sim.ask(cmd="state")["by_command"].get("+CFUN", 0) == before + 1)
        box.until(lambda: box.get("/readyz").status == 200)
        box.ask_pin()
        box.until(sim.inbox)


def test_the_balance():
    with running(modem='ussd_saldo = "*134#"') as (box, sim):
        sim.ask(cmd="set", ussd="Su saldo es 12,50 EUR")
        assert "Su saldo es 12,50 EUR" in box.ctl("modem", "saldo").stdout
        trace = box.ctl("modem", "traza").stdout
        assert "+CUSD:<" in trace and "12,50" not in trace, "but it is not in the trace"


def test_a_balance_that_nobody_can_ask_for():
    with running() as (box, _):
        done = box.ctl("modem", "saldo", check=False)
        assert done.returncode == 78 and "configuración" in done.stderr, (done.returncode, done.stderr)


def test_what_came_in_is_harmless_on_a_terminal():
    with running() as (box, sim):
        sim.ask(cmd="deliver", **{"from": "+34600999999"}, text="hola \x1b[2J $(id) \u202e al revés")
        listed = eventually(lambda: [l for l in box.ctl("buzon").stdout.splitlines() if "hola" in l])
        assert "$(id)" in listed[0] and "\x1b" not in listed[0] and "\u202e" not in listed[0]
        raw = box.ctl("--json", "buzon").stdout
        assert raw.isascii() and any("\u202e" in m["texto"] for m in json.loads(raw)["mensajes"])
        assert "Quedan 0" in box.ctl("buzon", "leido").stdout


def test_the_doctor_finds_nothing():
    with running() as (box, _):
        eventually(lambda: modems(box)["principal"]["senal_dbm"])
        code, rows = findings(box)
        assert code == 0 and not any(r["resultado"] == "mal" for r in rows), rows
        assert said(rows, "bien", "servicio", "en marcha") and said(rows, "bien", "disco", "MB")
        assert said(rows, "bien", "clave maestra") and said(rows, "bien", "reloj")
        assert said(rows, "bien", "módem principal", "SIM") and said(rows, "bien", "módem principal", "Señal")
        assert said(rows, "bien", "cola") and said(rows, "bien", "módem principal", "red")
        assert "RESULTADO" in box.ctl("diagnostico").stdout


def test_the_doctor_hears_of_a_low_balance_until_it_is_read():
    with running() as (box, sim):
        sim.ask(cmd="deliver", **{"from": "22770"}, text="Su saldo es inferior a 2 EUR")
        eventually(lambda: said(findings(box)[1], "aviso", "módem principal", "queda poco saldo", "recargue"))
        box.ctl("buzon", "leido")
        assert not said(findings(box)[1], "aviso", "queda poco saldo")


def test_the_doctor_without_the_daemon():
    with folder() as path:
        box = Box(path, "/dev/ttyUSB77")
        code, rows = findings(box)
        assert code == 1
        assert said(rows, "mal", "servicio", "systemctl start") and said(rows, "mal", "clave maestra", "Falta")
        assert said(rows, "mal", "módem principal", "/dev/ttyUSB77", "enchufe")


def test_the_doctor_looks_at_what_is_plugged_in():
    with folder() as path:
        usb = Usb(path)
        box = Box(path, "auto")

        def doctor(verdict, *words):
            return said(findings(box, env=usb.box_env())[1], verdict, *words)

        me = open("/proc/self/comm", encoding="utf-8").read().strip()
        assert doctor("aviso", "módem principal", "ningún módem USB", "lsusb") and not doctor("aviso", "ModemManager")
        stick = usb.plug("12d1", "1f01", bus="1-1", classes={0: "08/06/50"})
        assert doctor("mal", "12d1:1f01", "modo disco", "usb-modeswitch")
        port = usb.silent()  # in the hands of this program
        stick.replug(pid="1506", interfaces={0: port}, classes={0: "ff/03/12"})
        os.chmod(port, 0o600)
        assert not doctor("mal", "modo disco") and not doctor("aviso", "ningún módem USB")
        assert doctor("mal", "módem principal", "dialout", "/dev/ttyUSB0")
        assert doctor("mal", "módem principal", me, str(os.getpid()), "ciérrelo")
        os.chmod(port, 0o666)
        assert not doctor("mal", "dialout")
        usb.run_service()
        assert doctor("aviso", "ModemManager", "/dev/ttyUSB0", "78-contraclaved.rules")
        for place in (usb.sys / "class/tty/ttyUSB0", stick.home):  # as the rule marks the tty, or the whole device
            whole = (place / "uevent").read_text()
            (place / "uevent").write_text(f"{whole}ID_MM_DEVICE_IGNORE=1\n")
            assert not doctor("aviso", "ModemManager"), place
            (place / "uevent").write_text(whole)
        assert doctor("aviso", "ModemManager")
        box.write_conf("usb:1234:5678")
        assert doctor("aviso", "módem USB de dispositivo") and not doctor("mal", "ciérrelo")
        usb.plug("1234", "5678", bus="1-2", serial="S2", interfaces={0: port})
        assert not doctor("aviso", "módem USB de dispositivo") and doctor("mal", "/dev/ttyUSB1", "ciérrelo"), (findings(box, env=usb.box_env()), os.getpid())


def test_the_doctor_on_a_bad_day():
    with running(modem='pin_sim = "1234"', options=("--pin", "7391"), enrolled=False, ready=False) as (box, sim):
        eventually(lambda: modems(box)["principal"]["estado"].startswith("sim"))
        os.chmod(box.key, 0o644)
        code, rows = findings(box)
        os.chmod(box.key, 0o400)
        assert code == 1
        assert said(rows, "mal", "módem principal", "No puede enviar", "pin_sim")
        assert said(rows, "mal", "clave maestra", "0400")
        assert sim.ask(cmd="state")["pin_left"] == 2


def test_the_doctor_hears_a_weak_signal():
    with running(options=("--fault", "csq:1")) as (box, _):
        eventually(lambda: modems(box)["principal"]["senal_dbm"] == -111)
        code, rows = findings(box)
        assert code == 1 and said(rows, "mal", "módem principal", "-111 dBm", "antena")


def test_the_rule_for_a_modem_of_another_maker():
    """The doctor sees the modem that the daemon has found, and that its port may not be reset."""
    with folder() as path:
        sim, usb = Sim(path), Usb(path)
        usb.plug("0e8d", "7126", serial="A1", interfaces={0: path / "modem"})
        box = Box(path, "auto")
        box.env = usb.box_env(box.env)
        with serving(box, others=[sim]):
            nodes = list(usb.dev.glob("bus/usb/*/*"))

            def set_mode(mode):
                for node in nodes:
                    os.chmod(node, mode)
            set_mode(0o664)  # of root, as the kernel makes it

            def doctor(verdict, *words):
                return said(findings(box, env=usb.box_env())[1], verdict, *words)
            assert doctor("bien", "módem principal", "Puede enviar")
            assert not doctor("aviso", "ningún módem USB")
            assert doctor("aviso", "módem principal", "0e8d:7126", "modem regla")
            set_mode(0o666)
            assert not doctor("aviso", "modem regla")
            rule = box.ctl("modem", "regla", env=usb.box_env()).stdout
            assert 'ATTR{idVendor}=="0e8d", ATTR{idProduct}=="7126", GROUP="contraclaved", MODE="0664"' in rule, rule
            assert 'ID_MM_DEVICE_IGNORE' in rule and "/etc/udev/rules.d/" in rule


def test_no_rule_without_a_usb_modem():
    with running() as (box, _):
        done = box.ctl("modem", "regla", check=False)
        assert done.returncode == 69 and done.stdout == "" and "enchúfelo" in done.stderr
