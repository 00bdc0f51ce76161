# SPDX-License-Identifier: EUPL-1.2
"""hw/INSTALACION.md as a technician follows it: each command as it is printed, at a terminal, in its order."""

import contextlib
import os
import re
import select
import shutil
import subprocess
import time

from box import code_of
from root import ROOT, repack

GUIDE = ROOT / "hw/INSTALACION.md"
COMMAND = re.compile(r"(?m)^    ((?:sudo|make|sh|export) .*?)(?: {2,}#.*)?$")
PHRASE, PIN, CLAVE = "tres tristes tigres trigan", "7391", "1357"
# Of the way without a package, which needs a compiler.
WITHOUT_PACKAGE = ("make deps", "make all", "sudo make install", "sudo systemd-sysusers", "sudo cp -n ", "sudo systemd-tmpfiles ",
                   "sudo systemctl daemon-reload", "sudo udevadm ")
# Stands for a person in an editor: writes /srv/escribe where systemctl says that it goes, or nothing.
EDITOR = """#!/bin/sh
for file; do :; done # after the line to begin at
exec sed -i '/^### Anything between here/r /srv/escribe' "$file"
"""


def commands():
    """Those that seal the key to the machine come last: with a sealed key the others are given otherwise, as the guide says."""
    of_all, of_seal = [], []
    for section in re.split(r"(?m)^(?=#|Con `systemd`)", GUIDE.read_text()):
        found = [c for c in COMMAND.findall(section) if not c.startswith(WITHOUT_PACKAGE)]
        (of_seal if section.startswith("Con `systemd`") else of_all).extend(found)
    return of_all, of_seal


class Technician:
    """What he has read so far, and types when he is asked."""

    def __init__(self, box):
        self.box, self.machine = box, box.machine
        self.token = self.code = ""
        self.words, self.drop_in = [], "IPAddressAllow=192.168.1.0/24\n"
        self.answers = {
            "sudo contraclavectl instala": [
                ("Nombre del ayuntamiento", "Ayuntamiento de Alpedrete"), ("Nombre con que empieza", ""), ("Zona horaria", ""),
                ("Dominio", "sede.alpedrete.es"), ("Módem", self.machine.device), ("PIN de la SIM", PIN), ("SMS de prueba", "600123123"),
                ("cliente de la sede", "")],
            "sudo contraclavectl copia sello --frase": [("Frase nueva", PHRASE), (":", PHRASE)],
        }
        # "instala" has made the client, and nobody has written who is told
        self.told = {
            "sudo contraclavectl cliente crear --nombre sede --ambitos solicitar,verificar": (65, "Ya existe"),
            "sudo contraclavectl avisos prueba": (78, "Falta el dato en la configuración"),
        }

    def write(self, path, text, mode=0o644):
        file = self.machine.box.path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def prepare(self):
        """What the guide takes for granted: an editor, a stick, the packages in his folder."""
        self.write("/usr/bin/editor", EDITOR, 0o755)
        self.write("/srv/escribe", "")
        self.machine.box.path("/media/usb").mkdir(parents=True, exist_ok=True)
        deb, = self.machine.box.path("/srv").glob("contraclaved_*.deb")
        newer = repack(deb, self.machine.run_folder, "0.2.0")
        shutil.copy(newer, deb.with_name(deb.name.replace("_0.1.0_", "_0.2.0_")))

    def read_code(self):
        """Of the newest SMS that has one; the others are of a trial."""
        for message in reversed(self.box.sim.inbox()):
            with contextlib.suppress(AssertionError):
                return code_of(message)
        return None

    def before(self, command):
        if command.startswith("sudo systemctl edit"):
            self.write("/srv/escribe", "[Service]\n" + self.drop_in)
        if command.startswith("sh ") and " entrar " in command:
            self.code = self.box.await_that(self.read_code)
        if command == "sudo contraclavectl clave recupera --ensayo":
            self.answers[command] = [("línea vacía al acabar", "\n".join([*self.words, ""]))]

    def after(self, command, said):
        if command == "sudo contraclavectl instala":
            self.token = re.search(r"\b(ccl?_[\w-]+|[\w-]{40,})\b", said)[1]
        if command == "sudo contraclavectl clave exporta":
            self.words = re.findall(r"\d\. ([a-z]+)", said)

    def follow(self, command):
        """As it is printed, but for what it says is to be put in its place."""
        self.before(command)
        typed = re.sub(r"\bTOKEN$", self.token, command).replace("CONTRACLAVE", self.code) if command[0] == "s" else command
        code, word = self.told.get(command, (0, ""))
        said, ended = type_in(self.machine.pid, f"cd /srv; export CONTRACLAVE_TOKEN={self.token}; {typed}",
                              self.answers.get(command, []), 120)
        assert (code is None or ended == code) and word in said, f"{typed!r} ended with {ended}:\n{said}"
        self.after(command, said)


def type_in(pid, command, answers, seconds):
    """A command at a terminal of its own: what it says, and how it ends. answers: to which words, and what."""
    master, slave = os.openpty()
    words = ["setsid", "--ctty", "--wait", "nsenter", "-t", pid, "-m", "-p", "-C", "-u", "-i", "-n", "-r", "-w", "sh", "-c", command]
    with subprocess.Popen([*map(str, words)], stdin=slave, stdout=slave, stderr=slave, env={
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", "TERM": "dumb",
            "SYSTEMD_PAGER": "", "HOME": "/root"}) as process:
        os.close(slave)
        said, seen, waiting, limit = "", 0, [*answers, (" [Y/n] ", "")], time.monotonic() + seconds
        while time.monotonic() < limit:
            if select.select([master], [], [], 0.2)[0]:
                try:
                    said += os.read(master, 4096).decode(errors="replace")
                except OSError:  # nobody has the other end any more
                    break
            for question, answer in waiting[:1] + waiting[-1:]:
                if question in said[seen:]:
                    waiting.remove((question, answer))
                    seen = len(said)
                    os.write(master, f"{answer}\n".encode())
                    break
        else:
            process.kill()
            said += f"\n(not in {seconds} s)"
        os.close(master)
        return said, process.wait()


def test_the_guide(box):
    box.machine.wait()
    technician = Technician(box)
    technician.prepare()
    of_all, of_seal = commands()
    for command in of_all:
        technician.follow(command)
    technician.drop_in = "LoadCredentialEncrypted=clave-maestra\n"
    for command in of_seal:
        technician.follow(command)
    assert box.await_ready()
    return f"{len(of_all) + len(of_seal)} commands"
