# SPDX-License-Identifier: EUPL-1.2
"""The packages in whole Debians with kernel, systemd and USB, as root: `make appliance`. The modem is a simulator outside
the machine, behind a USB serial port; its disk loses at a power cut what nobody has flushed.
appliance.py VERSION SUITES BUILD-DEPENDS...; CASES=words chooses among them, CUTS and UNPLUGS how many."""

import collections
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
import traceback

from container import Container
from image import BUILD, build_packages, make_image
from machine import ACCEL, Machine, eventually

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

from box import Sim, code_of  # noqa: E402
from guide import test_the_guide  # noqa: E402
from town import nif, phone  # noqa: E402

CUTS = int(os.environ.get("CUTS", 50))
# Of the machine. Emulated it takes a minute to start as it is, and some seconds to start the service alone, after the quick ones.
FULL_CUTS = int(os.environ.get("FULL_CUTS", CUTS if ACCEL == "kvm" else 3))
QUICK_CUTS = int(os.environ.get("QUICK_CUTS", CUTS - FULL_CUTS))
UNPLUGS = int(os.environ.get("UNPLUGS", 30))
JOBS = int(os.environ.get("JOBS", os.cpu_count() + 1))  # machines at once; one mostly waits
FOLDER = BUILD / "appliance"
START_IDLE_S, IDLE_S = 60, 120
READY_S = 60         # of a machine that is not emulated, as all waits here: the measured factor makes them longer
PORT_TO_READY_S = 2  # as above
PIN, TECHNICIAN = "7391", "+34600999888"
CONF = "/etc/contraclaved/contraclaved.conf"


class Box:
    """The machine, the modem outside, and what the sede has had an answer to."""

    def __init__(self, machine, sim, chance):
        self.machine, self.sim, self.chance = machine, sim, chance
        self.token = None
        self.people = iter(range(machine.people))
        self.accepted = []   # who has had a 202
        self.asked = set()   # who has asked, answered or not

    def call(self, method, path, body=None):
        connection = self.machine.connection()
        try:
            connection.request(method, path, body and json.dumps(body),
                               {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def try_call(self, *what):
        """None while nobody answers."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.call(*what)
        return None

    def await_that(self, look, seconds=READY_S, every=0.5):
        return eventually(look, seconds * self.machine.factor, every)

    def await_ready(self):
        return self.await_that(self.is_ready, every=0.2)

    def is_ready(self):
        answer = self.try_call("GET", "/readyz")
        return bool(answer) and answer[0] == 200

    def ask(self):
        """One person's contraclave; nobody asks twice, so that each telephone tells what came of its request."""
        person = next(self.people)
        self.asked.add(person)
        status, body = self.call("POST", "/v1/solicitudes", {"nif": nif(person), "clave": "4821"})
        assert status == 202, (status, body)
        self.accepted.append(person)

    def tell_state(self):
        """What there is to see of a box that could not be set up."""
        for name in ("qemu.log", "console"):
            path = self.machine.run_folder / name
            print(path.read_text(errors="replace")[-2000:] if path.exists() else "")
        with contextlib.suppress(Exception):
            print(self.machine.run("journalctl -b -q --no-pager -u contraclaved | tail -n 30"))

    def texts(self):
        """How many messages each telephone has had, the technician's left out."""
        return collections.Counter(m["number"] for m in self.sim.inbox() if m["number"] != TECHNICIAN)

    def await_messages(self):
        """Until everybody who had a 202 has had the message."""
        def all_there():
            had = self.texts()
            return all(had[phone(person)] for person in self.accepted)
        try:
            self.await_that(all_there, 2 * READY_S)
        except AssertionError:
            had = self.texts()
            raise AssertionError(f"lost: {[p for p in self.accepted if not had[phone(p)]]}") from None
        assert set(self.texts()) <= {phone(person) for person in self.asked}

    def doubled(self):
        return sum(count - 1 for count in self.texts().values())


@contextlib.contextmanager
def asking(box, clients=3, pause=0):
    """A sede that asks until the end or the power goes."""
    is_over = threading.Event()
    failed = []

    def client():
        while not is_over.is_set():
            try:
                box.ask()
                time.sleep(pause)
            except (OSError, http.client.HTTPException):
                time.sleep(max(pause, 0.05))
            except Exception as e:  # an answer that is no 202
                failed.append(e)
                return
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    assert not failed, failed[0]


def people_file(count):
    """Everybody who will ask."""
    rows = (f"{nif(n)};Persona;De Prueba;;{phone(n)};;;IMP-{n}" for n in range(count))
    return "\n".join(["nif;nombre;apellido1;apellido2;movil;contraste;idioma;instancia", *rows]) + "\n"


def test_from_the_package_to_an_entry(box):
    m = box.machine
    m.wait()
    said = m.run("apt-get -y -q install /srv/contraclaved_*.deb", seconds=1800)
    assert "entidad: escriba el nombre" in said and "no se arranca" in said, said
    assert m.run("systemctl is-active contraclaved", code=3) == "inactive\n"
    done = m.run("contraclavectl --json instala --entidad 'Ayuntamiento de Alpedrete' --zona Europe/Madrid --dominio "
                 f"sede.alpedrete.es --dispositivo {m.device} --pin-sim - --numero {TECHNICIAN} --nombre sede", stdin=f"{PIN}\n")
    told = json.loads(done.strip().splitlines()[-1])
    box.token = told["token"]
    assert told["prueba"] is True and told["enlace"].startswith("http"), told
    assert box.is_ready()
    m.run("cat >/srv/gente.csv", stdin=people_file(m.people))
    said = m.run("contraclavectl ciudadano importa /srv/gente.csv --aplica", seconds=900)
    assert str(m.people) in said, said
    box.ask()
    person = box.accepted[0]
    message = box.await_that(lambda: [text for text in box.sim.inbox() if text["number"] == phone(person)])[0]
    status, body = box.call("POST", "/v1/verificaciones", {"nif": nif(person), "clave": "4821", "contraclave": code_of(message)})
    assert status == 200 and json.loads(body)["resultado"] == "correcto", body
    return m.run(". /etc/os-release; echo $PRETTY_NAME, $(uname -r)").strip()


def test_the_unit_is_closed(box):
    inside = "nsenter -t $(systemctl show -p MainPID --value contraclaved) -m -r"
    for folder in ("/var/lib/contraclaved", "/run/contraclaved", "/tmp", "/dev/shm"):
        said = box.machine.run(f"{inside} cp /usr/bin/true {folder}/planted; {inside} {folder}/planted", code=126)
        assert "Permission denied" in said, said
    assert "Read-only" in box.machine.run(f"{inside} touch /usr/lib/planted", code=1)
    said = box.machine.run("systemd-analyze security --no-pager contraclaved")
    exposure = float(re.search(r"Overall exposure level .*: ([0-9.]+)", said)[1])
    assert exposure <= 1.3, said
    return f"systemd-analyze security {exposure}"


def test_the_rungs_of_the_ladder(box):
    """A modem that is silent until its USB port is reset: by the unit as it is, with its user and its devices."""
    m = box.machine
    m.run("contraclavectl modem regla >>/etc/udev/rules.d/78-contraclaved-local.rules && udevadm control --reload && "
          "udevadm trigger --settle")
    box.sim.ask(cmd="fault", fault="silent")
    try:
        box.await_that(lambda: "puerto_usb" in m.run("contraclavectl modem historia"), 10 * READY_S, 2)
    finally:
        box.sim.ask(cmd="clear-faults")
    box.await_ready()
    kernel = m.run("journalctl -k -q --no-pager | grep -c 'reset full-speed USB device'", code=None).strip()
    assert int(kernel) >= 1, m.run("journalctl -k -q --no-pager | tail -n 20")
    return f"USB port reset by the service: {kernel}"


def test_a_copy_by_sftp(box):
    """Sealed, to Debian's own openssh server on the machine itself."""
    m = box.machine
    m.run("ssh-keygen -q -t ed25519 -N '' -f /srv/entra && cat /srv/entra.pub >>~root/.ssh/authorized_keys && mkdir /srv/copias && "
          "ssh-keyscan -t ed25519 127.0.0.1 2>/dev/null >/etc/contraclaved/sftp_conocidos")
    seal = json.loads(m.run("contraclavectl --json copia sello --privada /srv/privada"))["sello"]
    m.run(f"sed -i 's|#sello = .*|sello = \"{seal}\"|; s|#usuario = .*|usuario = \"root\"|; s|#sftp_clave = .*|sftp_clave = \"/srv/entra\"|'"
          f" {CONF} && contraclaved --comprobar")
    said = m.run("contraclavectl copia sftp://127.0.0.1/srv/copias/")
    assert "Copia hecha, sellada y comprobada" in said, said
    name, = m.run("ls /srv/copias").split()
    assert "es buena" in m.run(f"contraclavectl restaura /srv/copias/{name} --ensayo --privada /srv/privada")
    m.run("sed -i 's/^127.0.0.1 /192.0.2.1 /' /etc/contraclaved/sftp_conocidos")
    said = m.run("contraclavectl copia sftp://127.0.0.1/srv/copias/", code=75)
    assert "no es el que se conoce" in said, said
    return m.run("ssh -V").strip()


def test_a_clock_that_is_not_believed(box):
    """As without a battery: it starts years ago, and what is asked waits until it is put right."""
    m = box.machine
    m.run("systemctl stop systemd-timesyncd; date >/srv/ahora; systemctl stop contraclaved; date -s 2020-01-01; "
          "systemctl start contraclaved")
    status, body = box.await_that(lambda: box.try_call("POST", "/v1/solicitudes", {"nif": nif(0), "clave": "4821"}))
    assert status == 503 and "clock_unreliable" in body.decode(), (status, body)
    m.run("date -s \"$(cat /srv/ahora)\"")
    box.await_ready()


def test_idle(box):
    """As after a start, and a minute more in which it writes what it has found: an import of thousands is no idle box."""
    m = box.machine
    m.run("systemctl restart contraclaved")
    box.await_ready()
    pid = m.run("systemctl show -p MainPID --value contraclaved").strip()
    time.sleep(START_IDLE_S)

    def written():
        return int(re.search(r"write_bytes: (\d+)", m.run(f"cat /proc/{pid}/io"))[1])
    before = written()
    time.sleep(IDLE_S)
    status = m.run(f"grep -E '^(VmRSS|RssAnon|RssFile)' /proc/{pid}/status")
    resident = int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024
    a_day = (written() - before) * 86400 / IDLE_S / 2**20
    assert resident < 12, status
    assert a_day <= 50, f"{a_day} MiB a day"
    return f"{resident:.1f} MiB resident, {a_day:.1f} MiB written a day"


def test_unplugs(box):
    """By the kernel's own count: a stick that goes and is back too soon for it is taken out again."""
    prepare(box)

    def gone():
        return int(box.machine.run("dmesg | grep -c 'USB disconnect'", code=None))
    before, accepted, gone_before, tries = box.doubled(), len(box.accepted), gone(), 0
    with asking(box, 1, 0.5):
        while gone() - gone_before < UNPLUGS:
            assert tries < 2 * UNPLUGS, f"the kernel has seen {gone() - gone_before} of {tries}"
            tries += 1
            time.sleep(box.chance.uniform(0.05, 0.6))
            box.sim.ask(cmd="vanish", ms=int(box.chance.uniform(0, 300)))
            box.await_that(lambda: box.sim.ask(cmd="state")["attached"])
            box.await_ready()
    box.await_messages()
    doubled, seen = box.doubled() - before, gone() - gone_before
    assert doubled <= tries, doubled
    return f"{tries} unplugs, {seen} seen by the kernel, {len(box.accepted) - accepted} accepted, 0 lost, {doubled} doubled"


def test_power_cuts(box):
    prepare(box)
    is_whole = isinstance(box.machine, Machine)
    cuts = FULL_CUTS + QUICK_CUTS if is_whole else CUTS
    before, accepted, times = box.doubled(), len(box.accepted), []
    for cut in range(cuts):
        with asking(box, pause=400 / box.machine.people):  # so that there are people left for the last cut
            time.sleep(box.chance.uniform(0.1, 1.5))
            box.machine.cut(box.chance)
        box.sim.ask(cmd="vanish", ms=0)  # it has lost its power too
        if is_whole and FULL_CUTS - 1 <= cut < cuts - 1:
            box.machine.start_quick()
            box.await_ready()
            continue
        box.machine.switch_on()
        box.machine.wait()
        box.await_ready()
        if is_whole:
            times.append(since_the_port(box) / box.machine.factor)
            print(f"    {box.machine.folder.name}, cut {len(times)}: {times[-1]:.2f} s from the port to ready, on a machine that is "
                  f"not {box.machine.factor:.0f} times slower", flush=True)
    box.await_messages()
    doubled = box.doubled() - before
    assert doubled <= cuts, doubled
    said = box.machine.run("contraclavectl auditoria comprobar && contraclavectl copia /srv/copia")
    assert "completo y sin cambios" in said, said
    ready = ""
    if times:
        median = sorted(times)[len(times) // 2]
        assert median <= PORT_TO_READY_S, times
        ready = f"; ready {median:.2f} s after the port (at most {max(times):.2f})"
    return f"{cuts} cuts, {len(box.accepted) - accepted} accepted, 0 lost, {doubled} doubled{ready}"


def since_the_port(box):
    """Seconds from the port until the service says that its modem can send, by the clock of the kernel."""
    port = int(re.search(r"USEC_INITIALIZED=(\d+)", box.machine.run("udevadm info /dev/ttyUSB0"))[1]) / 1e6
    said = box.machine.run("journalctl -b -q --no-pager -o short-monotonic -u contraclaved | grep -m 1 'listo'")
    return float(re.search(r"\[ *([0-9.]+)\]", said)[1]) - port


def prepare(box):
    """As fast as it goes: what is tried is no pace of a SIM."""
    box.machine.run(f"sed -i 's/#ritmo_por_minuto = .*/ritmo_por_minuto = 0/; s/#espera_informe_s = .*/espera_informe_s = 10/; "
                    f"s/#cliente_por_segundo = [0-9]*/cliente_por_segundo = 0/; s/#ip_por_segundo = [0-9]*/ip_por_segundo = 0/' "
                    f"{CONF} && contraclaved --comprobar && systemctl restart contraclaved")
    box.await_ready()


@contextlib.contextmanager
def box_of(kind, folder, chance):
    with tempfile.TemporaryDirectory(prefix="contraclaved-appliance-") as run:
        run = pathlib.Path(run)
        run.chmod(0o755)
        mask = os.umask(0)  # the service is another user, and the socket a new one each time
        sim = Sim(run, "unix", "--pin", PIN)
        os.umask(mask)
        machine = kind(folder, run)
        try:
            machine.switch_on()
            yield Box(machine, sim, chance)
        finally:
            machine.close()
            sim.leave()


class Guided(Container):
    """One of its own for who follows the guide."""


# What is tried where: each case needs the first of its machine.
CASES = [
    (Guided, test_the_guide),
    (Container, test_from_the_package_to_an_entry), (Container, test_the_unit_is_closed), (Container, test_a_copy_by_sftp),
    (Container, test_idle), (Container, test_power_cuts),
    (Machine, test_from_the_package_to_an_entry), (Machine, test_the_unit_is_closed), (Machine, test_unplugs),
    (Machine, test_power_cuts), (Machine, test_the_rungs_of_the_ladder), (Machine, test_a_clock_that_is_not_believed),
]


def try_case(case, box, where):
    """Whether it went well; said."""
    started = time.monotonic()
    try:
        word, said = "ok", case(box) or ""
    except Exception:
        word, said = "FAIL", traceback.format_exc()
    print(f"  {word:4} {time.monotonic() - started:6.1f} s  {where}: {case.__name__}: {said}", flush=True)
    return word == "ok"


def try_machine(kind, suite, seed):
    """How many cases went well, and how many did not; without the first none of the others can."""
    where = f"{suite} {kind.__name__}"
    wanted = os.environ.get("CASES", "").split()
    first, *others = (case for on, case in CASES if on is kind)
    chosen = [case for case in others if not wanted or any(word in case.__name__ for word in wanted)]
    with box_of(kind, FOLDER / suite, random.Random(seed)) as box:
        if not try_case(first, box, where):
            box.tell_state()
            return 0, 1
        went = [try_case(case, box, where) for case in chosen]
    return 1 + sum(went), len(went) - sum(went)


def make_suite(suite, version, depends, key):
    started = time.monotonic()
    make_image(FOLDER / suite, suite, build_packages(FOLDER / suite, suite, version, depends), key)
    print(f"  made {time.monotonic() - started:6.1f} s  {suite}", flush=True)


def main():
    version, suites, depends = sys.argv[1], sys.argv[2].split(), sys.argv[3:]
    kinds = [kind for kind in (Machine, Container, Guided) if os.environ.get("ON", kind.__name__) == kind.__name__]
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    started = time.monotonic()
    print(f"SEED={seed}, {ACCEL}, {JOBS} at once", flush=True)
    key = FOLDER / "key"
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not key.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    with concurrent.futures.ProcessPoolExecutor(JOBS) as jobs:
        try:
            made = [jobs.submit(make_suite, suite, version, depends, key.with_suffix(".pub").read_text()) for suite in suites]
            for suite in made:
                suite.result()
            counts = [jobs.submit(try_machine, kind, suite, seed) for kind in kinds for suite in suites]
            passed, failed = (sum(count) for count in zip(*(count.result() for count in counts)))
        except BaseException:
            jobs.shutdown(wait=False, cancel_futures=True)
            raise
    print(f"{passed} passed, {failed} failed in {(time.monotonic() - started) / 60:.1f} min, "
          f"{'with KVM' if ACCEL == 'kvm' else 'without KVM: emulated'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
