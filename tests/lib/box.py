# SPDX-License-Identifier: EUPL-1.2
"""What the system tests stand on: the real daemon, the real simulated modem, real HTTP."""

import contextlib
import gzip
import http.client
import itertools
import json
import os
import pathlib
import shlex
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import tempfile
import threading
import time

import server
from contract import check_answer
from local import LocalConnection

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = (ROOT / os.environ.get("BUILD", "build")).resolve()
WRAP = shlex.split(os.environ.get("CC_WRAP", ""))
# Everything is slower under valgrind or the sanitizers; deadlines stretch, expectations do not.
SLOW = 10 if WRAP else 3 if "asan" in BUILD.name else 1

PORTS = itertools.chain.from_iterable(itertools.repeat(range(10_000 + os.getpid() * 97 % 20_000, 32_000)))

NIF = "12345678Z"
NAME = "María Íñiguez Gómez"
PHONE = "+34600123123"
CLAVE = "4821"


def patience():
    """Seconds until a test gives up what was promised for no time: more on a machine that has more to do than processors."""
    return 30 * min(8, max(1, os.getloadavg()[0] / os.cpu_count()))


def eventually(check, seconds=None, every=0.01):
    """Waits until check() is truthy and returns it: a deadline, never a fixed sleep. `seconds`: what somebody was promised."""
    began = time.monotonic()
    while True:
        if value := check():
            return value
        waited = time.monotonic() - began
        if waited > (seconds or patience()) * SLOW:
            raise AssertionError(f"not within {waited:.0f} s: {check}")
        time.sleep(every)
        every = max(every, min(every * 1.2, 0.04))  # to look is work too: what takes long is looked at less often


def free_port():
    """Below the kernel's own ports: one of those could be given to a client's connection before the daemon listens."""
    for port in PORTS:
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", port))
            return port


class NeedsFile(Exception):
    """A test of what only a database in a file has, run with make check ENGINE=pg."""


def needs_file():
    """Ends such a test, where it does not touch the file itself."""
    if os.environ.get("CC_SERVER"):
        raise NeedsFile


PRELOADS = []  # into each child: run.py


def environment(env):
    """Of a child: ours and `env`. What is preloaded into us (at.sh) comes behind what the test preloads."""
    preloads = [env.get("LD_PRELOAD"), *PRELOADS, os.environ.get("LD_PRELOAD")]
    return {**os.environ, **env, "LD_PRELOAD": ":".join(filter(None, preloads))}


def clock_env(file, **more):
    """Of a program whose clocks are driven; CC_CLOCK_TRUE="1": of a simulated modem whose time goes with that of its box."""
    if not file.exists():
        file.write_bytes(bytes(56))
    return {"CC_CLOCK_FILE": str(file), "LD_PRELOAD": str(BUILD / "tests/preload_clock.so"),
            "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", ""), **more}


class Program:
    """A child of ours, ended by its pid."""

    def __init__(self, args, log, env=None, wrap=True):
        self.log_path = log
        self.log_file = open(log, "ab")
        self.process = subprocess.Popen((WRAP if wrap else []) + [str(a) for a in args], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.log_file,
                                        env=environment(env or {}))

    def log(self):
        return pathlib.Path(self.log_path).read_text(errors="replace")

    def running(self):
        return self.process.poll() is None

    def stop(self, how=signal.SIGTERM, seconds=20):
        """Ends it and returns its exit status."""
        if self.running():
            self.process.send_signal(how)
        try:
            status = self.process.wait(seconds * SLOW)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("it did not end") from None
        self.process.stdout.close()
        self.log_file.close()
        return status


class Stopwatch:
    """Seconds since it was made, less those in which one of the programs or this thread waited for a processor: what the
    machine does beside them is none of their time."""

    def __init__(self, *programs):
        self.waits = [pathlib.Path(f"/proc/{p.process.pid}/schedstat") for p in programs]
        self.waits.append(pathlib.Path(f"/proc/self/task/{threading.get_native_id()}/schedstat"))
        self.began = self.now()

    def follow(self, program):
        """One that has begun since, from its beginning."""
        self.waits.append(pathlib.Path(f"/proc/{program.process.pid}/schedstat"))

    def now(self):
        return time.monotonic() - sum(int(path.read_text().split()[1]) for path in self.waits) / 1e9

    def seconds(self):
        return self.now() - self.began


class Sim:
    """The program simmodem, with the control socket to look at its handset."""

    def __init__(self, folder, link="pty", *options, port=0, env=None):
        self.folder = pathlib.Path(folder)
        self.env = env
        self.control = self.folder / "sim.sock"
        self.log_path = self.folder / "sim.jsonl"
        self.link, self.options = link, options
        self.port = port or (free_port() if link == "tcp" else 0)  # it may come back there: nobody takes it meanwhile
        self.start()

    def start(self):
        where = {"pty": ["--link", self.folder / "modem"], "unix": ["--unix", self.folder / "modem.sock"],
                 "tcp": ["--tcp", self.port]}[self.link]
        self.program = Program([BUILD / "simmodem", *where, "--control", self.control, "--log", self.log_path,
                                *self.options], self.folder / "sim.err", self.env)
        line = self.program.process.stdout.readline().decode()
        assert line.startswith("listening "), (line, self.program.log())
        self.device = line.split()[1]

    def ask(self, **command):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10 * SLOW)
            s.connect(str(self.control))
            s.sendall(json.dumps(command).encode() + b"\n")
            with s.makefile() as answer:
                return json.loads(answer.readline())

    def inbox(self):
        return self.ask(cmd="inbox")["messages"]

    def events(self, kind=None):
        """The log so far; a line that is still being written is left for the next look."""
        if not self.log_path.exists():
            return []
        lines = self.log_path.read_text().split("\n")[:-1]
        return [e for e in map(json.loads, lines) if kind in (None, e["event"])]

    def stop(self):
        return self.program.stop()

    def leave(self):
        if self.program.running():
            self.program.stop(signal.SIGKILL)

    def said(self):
        """What its log holds last, with the log's length, once it has read what was on its lines (asked twice, for one pass
        reads them all); None while it has yet to answer a command, or to follow the time."""
        if not self.program.running():
            return self.log_path.stat().st_size, ""
        late = self.env and (clocks := struct.unpack("7q", pathlib.Path(self.env["CC_CLOCK_FILE"]).read_bytes()))[2] != clocks[6]
        self.inbox(), self.inbox()
        with open(self.log_path, "rb") as log:
            log.seek(max(0, (size := log.seek(0, os.SEEK_END)) - 4096))
            last = [line for line in log.read().split(b"\n") if b'"event":"command"' in line or b'"event":"reply"' in line][-1:]
        return None if late or last and b'"event":"command"' in last[0] else (size, last)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=patience() * SLOW)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        body = response.read()
        self.text = (gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body).decode()
        self.json = json.loads(self.text) if self.text and "json" in (self.headers.get("Content-Type") or "") else None


def answer_of(connection, method, path):
    """The answer to what was asked; one that web/openapi.json does not have fails the test."""
    answer = Answer(connection.getresponse())
    check_answer(method, path, answer)
    return answer


class Box:
    """The daemon on a folder of its own. It is stopped, and its exit status checked, at the end of the test."""

    def __init__(self, folder, device, extra="", modem="", clock=False, limits="", name="principal", env=None,
                 extra_http="", tls=False, address=None):
        self.folder, self.name = pathlib.Path(folder), name
        self.port = free_port()
        self.tls_port = free_port() if tls else None  # a second listener, with TLS; tls="mtls" asks for certificates
        self.scheme = "https" if tls is True else tls
        self.conf = self.folder / "contraclaved.conf"
        self.control = self.folder / "control.sock"
        self.file = self.folder / "contraclaved.db"
        self.is_moved = not address and bool(os.environ.get("CC_SERVER"))  # the test knows nothing of a server
        self.address = server.new_database(os.environ["CC_SERVER"]) if self.is_moved else address
        self.key = self.folder / "clave-maestra"
        self.stderr = self.folder / "daemon.err"
        self.clock_file = self.folder / "clock"
        self.extra_http = extra_http
        self.env = dict(env or {})
        self.token = self.program = None
        self.is_edited = False  # a test that changes the database without its key says so
        self.clocks = {"wall": 0, "boot": 0, "mono": 0, "sync": 0}
        if clock:
            self.env = clock_env(self.clock_file)
            self.drive()
        self.write_conf(device, extra, modem, limits)

    def write_conf(self, device, extra="", modem="", limits="cliente_por_segundo = 0"):
        limits = limits or "cliente_por_segundo = 0"
        limits += "" if "ip_por_segundo" in limits else " ip_por_segundo = 0"
        listen = f'"127.0.0.1:{self.port}"'
        if self.tls_port:
            listen = f'{{ {listen}, "{self.scheme}://127.0.0.1:{self.tls_port}" }}'
        pace = "" if "ritmo_por_minuto" in modem else "ritmo_por_minuto = 0"
        self.conf.write_text(f"""entidad = "Ayuntamiento de Alpedrete"
nombre_sms = "Ayto. de Alpedrete"
zona_horaria = "Europe/Madrid"
perfil = "pin24h"
base_datos = "{self.address or self.file}"
clave_maestra = "{self.key}"
nivel_registro = "depuracion"
{extra}
http {{ escucha = {listen} control = "{self.control}" {self.extra_http} }}
limites {{ {limits} }}
modem {self.name} {{ dispositivo = "{device}" {pace} {modem} }}
""")

    @property
    def database(self):
        if self.is_moved:
            raise NeedsFile
        return self.file

    @database.setter
    def database(self, path):
        self.file = path

    def set_clock(self, offset_ms):
        """Time passes until the wall clock is so far ahead of the machine's, as in a sleep; or that is set back."""
        passed = max(0, offset_ms - self.clocks["wall"])
        self.drive(wall=offset_ms, boot=max(self.clocks["boot"], offset_ms) if passed else self.clocks["boot"])

    def drive(self, **milliseconds):
        """The clocks of preload_clock.c, each by itself. In place: the daemon has the file mapped."""
        self.clocks.update(milliseconds)
        with open(self.clock_file, "r+b") as f:
            f.write(struct.pack("4q", *(self.clocks[name] for name in ("wall", "boot", "mono", "sync"))))
        if "mono" in milliseconds and self.is_moved and self.program and self.program.running():
            eventually(self.is_in_time)  # what waits for the server has the time from before, and takes it for a long wait

    def pass_time(self, milliseconds):
        """Awake: all clocks go on, and the timers with them."""
        self.drive(wall=self.clocks["wall"] + milliseconds, mono=self.clocks["mono"] + milliseconds)
        if self.program and self.program.running():
            eventually(lambda: struct.unpack_from("5q", self.clock_file.read_bytes())[4] == self.clocks["mono"], every=0.002)

    def is_in_time(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.status()["aviso_datos"] != "ausente"
        return not self.program.running()

    def wait_at_rest(self, sim):
        """Until nothing is said between the two: the simulated modem answers in real time, so driven time must not pass
        while it has yet to answer."""
        def is_quiet():
            before = sim.said()
            self.status(), self.status()  # it has read the answers, and asked what it asks next
            return before and sim.said() == before
        eventually(lambda: is_quiet() and not time.sleep(0.005) and is_quiet())  # what waits for an idle moment has come

    def command(self):
        return [BUILD / "contraclaved", "-c", self.conf]

    def launch(self):
        self.program = Program(self.command(), self.stderr, self.env)
        return self

    def start(self, ready=True):
        self.launch()
        self.wait("/readyz" if ready else "/healthz")
        return self

    def wait(self, path):
        def up():
            if not self.program.running():
                raise AssertionError("the daemon ended:\n" + self.program.log())
            with contextlib.suppress(OSError, http.client.HTTPException):
                return self.get(path, token=None).status == 200
        self.until(up)

    def until(self, check, seconds=None, every=0.01):
        """As eventually(); a box whose time is driven (driven.py) is there as soon as all have followed."""
        return eventually(check, seconds, every)

    def stop(self, how=signal.SIGTERM):
        return self.program.stop(how)

    def request(self, method, path, body=None, token="", headers=None, raw=None):
        connection = LocalConnection("127.0.0.1", self.port, timeout=3 * patience() * SLOW)
        sent = dict(headers or {})
        token = self.token if token == "" else token
        if token:
            sent.setdefault("Authorization", f"Bearer {token}")
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, data, sent)
            return answer_of(connection, method, path)
        finally:
            connection.close()

    def get(self, path, **kw):
        return self.request("GET", path, **kw)

    def post(self, path, body, **kw):
        return self.request("POST", path, body, **kw)

    def ctl(self, *words, check=True, stdin=None, env=None):
        if self.is_moved and (words[:1] in (("copia",), ("restaura",)) or words[:2] == ("clave", "rota")):
            raise NeedsFile
        done = subprocess.run([*WRAP, str(BUILD / "contraclavectl"), "-c", str(self.conf), *words], input=stdin,
                              capture_output=True, text=True, timeout=60 * SLOW, check=False,
                              env=environment(env or {}))
        if check and done.returncode != 0:
            raise AssertionError((words, done.returncode, done.stdout, done.stderr))
        return done

    def control_request(self, method, path, body=None, headers=None):
        """A request on the control socket."""
        with contextlib.closing(UnixConnection(self.control)) as connection:
            sent = ({} if body is None else {"Content-Type": "application/json"}) | (headers or {})
            connection.request(method, path, body if body is None or isinstance(body, bytes) else json.dumps(body), sent)
            return answer_of(connection, method, path)

    def status(self):
        """What «contraclavectl estado» sees: /v1/estado rounds what it counts."""
        return self.control_request("GET", "/v1/estado").json

    def client(self, scopes="solicitar,verificar,registro,tecnico,buzon", name="sede"):
        """As «contraclavectl cliente crear» does, without a process: nearly each test begins here."""
        with contextlib.closing(UnixConnection(self.control)) as connection:
            connection.request("POST", "/v1/clientes", json.dumps({"nombre": name, "ambitos": scopes}),
                               {"Content-Type": "application/json"})
            answer = Answer(connection.getresponse())
        assert answer.status == 201, answer.text
        self.token = answer.json["token"]
        return self.token

    def rows(self, sql, *values):
        """What the database holds; the daemon may be serving."""
        if self.address:
            return server.rows(self.address, sql, values)
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as db:
            return db.execute(sql, values).fetchall()

    def sent(self):
        """How many contraclaves were taken on, notices and withheld ones (state 8) left out."""
        return self.rows("SELECT count(*) FROM outbox WHERE class = 0 AND state <> 8")[0][0]

    def failures(self):
        """The requests of the compared failures, settled ones too."""
        return [r[0] for r in self.rows("SELECT request_id FROM failures WHERE kind = 0 ORDER BY id")]

    def enrol(self, nif=NIF, name=NAME, phone=PHONE, **more):
        answer = self.post("/v1/registro/ciudadanos", {"nif": nif, "nombre": name, "movil": phone, **more})
        assert answer.status == 201, answer.text
        return answer.json

    def ask_pin(self, nif=NIF, clave=CLAVE, **more):
        answer = self.post("/v1/solicitudes", {"nif": nif, "clave": clave, **more})
        assert answer.status == 202, answer.text
        return answer.json

    def verify(self, contraclave, nif=NIF, clave=CLAVE, **more):
        answer = self.post("/v1/verificaciones", {"nif": nif, "clave": clave, "contraclave": contraclave, **more})
        assert answer.status == 200, answer.text
        return answer.json


@contextlib.contextmanager
def serving(box, ready=True, enrolled=True, others=(), say=None):
    """A started box, with a client and a citizen, that must end well; `others` (a Sim, a scripted modem) end with it."""
    try:
        box.start(ready).client()
        if enrolled:
            box.enrol()
        yield box
        if not box.is_edited:  # each row tagged, each table summed, by whatever the test did
            box.ctl("auditoria", "comprobar")
        if box.program.running():
            status = box.stop()
            assert status == 0, (status, box.program.log()[-4000:])
    except BaseException:
        print(box.program.log()[-3000:] if box.program else "", say() if say else "")
        raise
    finally:
        if box.program and box.program.running():
            box.stop(signal.SIGKILL)
        for other in others:
            other.leave()


@contextlib.contextmanager
def on_modem(modem, keys="", ready=True, enrolled=True, kind=Box, **more):
    """A box, of that kind, on that scripted modem."""
    with folder() as path:
        box = kind(path, modem.device, modem=keys, **more)
        box.modems = [modem]
        with serving(box, ready, enrolled, [modem], lambda: f"{modem.commands[-40:]} {modem.pdus[-3:]}"):
            yield box


def code_of(message):
    """The contraclave in an SMS: the only word of four digits."""
    digits = [w for w in message["text"].replace("#", " ").split() if len(w) == 4 and w.isdigit()]
    assert digits, message
    return digits[0]


@contextlib.contextmanager
def folder():
    path = pathlib.Path(tempfile.mkdtemp(prefix="contraclaved-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def running(link="pty", options=(), enrolled=True, ready=True, true_network=False, kind=Box, **box):
    """A ready box on a simulated modem: yields (box, sim). Both must end well. `true_network`: with the clocks driven,
    the network tells the time that has passed for the boot clock."""
    with folder() as path:
        sim = Sim(path, link, *options, env=clock_env(path / "clock", CC_CLOCK_TRUE="1") if true_network else {})
        the_box = kind(path, sim.device, **box)
        the_box.modems = [sim]
        with serving(the_box, ready, enrolled, [sim]):
            yield the_box, sim
