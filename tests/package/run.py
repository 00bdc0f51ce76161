# SPDX-License-Identifier: EUPL-1.2
"""Tries the Debian packages in Debians of their own, as root: `make package-test`. Words name the cases."""

import contextlib
import filecmp
import lzma
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback

from booted import booted, eventually
from root import BUILD, ROOT, RIGHT, box, make_base, repack

CONF = "/etc/contraclaved/contraclaved.conf"
DATABASE = "/var/lib/contraclaved/contraclaved.db"
SCHEMAS = ROOT / "tests/vectors/schema"
READ_ONLY_ETC = 'mount --bind "$0/etc" "$0/etc" && mount -o remount,ro,bind "$0/etc"'


class Debs:
    """The packages as they were built, and two versions of the first that can be cut short."""

    def __init__(self, folder):
        self.built = sorted((BUILD / "deb").glob("*.deb"))
        self.whole, = (deb for deb in self.built if deb.name.startswith("contraclaved_"))
        self.simmodem, = (deb for deb in self.built if deb.name.startswith("contraclaved-simmodem_"))
        self.one = repack(self.whole, folder, "0.1.0~1")
        self.two = repack(self.whole, folder, "0.1.0~2", "# otra versión\n")
        self.base = make_base(self.whole)


def test_two_builds_are_the_same_bytes(debs):
    with tempfile.TemporaryDirectory(prefix="contraclaved-otro-") as folder:
        copy = pathlib.Path(folder) / "árbol"
        subprocess.run(["git", "clone", "-q", "--shared", ROOT, copy], check=True)
        # what is not committed yet counts too
        files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
        tar = subprocess.run(["tar", "-c", "--null", "-T", "-"], cwd=ROOT, input=files, check=True, capture_output=True).stdout
        subprocess.run(["tar", "-x", "-C", copy], input=tar, check=True)
        env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "BUILD", "LC_", "LANG"))}
        env |= {"TZ": "Pacific/Kiritimati", "LANG": "es_ES.UTF-8", "HOME": folder, "CCACHE_DISABLE": "1"}
        subprocess.run(["make", "-s", "deb"], cwd=copy, env=env, umask=0o077, check=True, stdout=subprocess.DEVNULL)
        other = sorted((copy / "build/deb").glob("*.deb"))
        assert [deb.name for deb in other] == [deb.name for deb in debs.built]
        for mine, its in zip(debs.built, other):
            assert filecmp.cmp(mine, its, shallow=False), f"{mine.name} differs"


def test_lintian_finds_nothing_but_what_is_named(debs):
    done = subprocess.run(["lintian", "--allow-root", "--info", "-I", "--fail-on=error,warning,info", *debs.built],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_first_installation_waits_for_the_configuration(debs):
    with box(debs.base) as b:
        said = b.install(debs.whole, debs.simmodem)
        assert f"{CONF}:19: entidad: escriba el nombre" in said and "no se arranca" in said, said
        assert not b.is_enabled() and b.asked() == []
        assert b.run("stat", "-c", "%a %U:%G", CONF) == "640 root:contraclaved\n"
        for folder in ("contraclaved", "contraclaved-clave"):
            assert b.run("stat", "-c", "%a %U:%G", f"/var/lib/{folder}") == "700 contraclaved:contraclaved\n"
        assert "contraclaved 0" in b.run("contraclaved", "--version") and "simmodem" in b.run("simmodem", "--version")
        b.run("sh", "-c", "! command -v gcc make")
        b.configure(**RIGHT)
        assert b.run("contraclaved", "--comprobar") == "configuración correcta\n"
        assert '"modems"' in b.serve()
        assert "instalado" not in b.run("dpkg", "--audit")


def test_a_configuration_that_is_there_already_starts_the_service(debs):
    with box(debs.base) as b:
        b.path("/etc/contraclaved").mkdir()
        shutil.copy(ROOT / "conf/contraclaved.conf", b.path(CONF))
        mine = b.configure(**RIGHT)
        b.install(debs.whole)
        assert b.is_enabled() and b.asked() == ["restart contraclaved.service"]
        assert b.path(CONF).read_bytes() == mine
        assert b.run("stat", "-c", "%a %U:%G", CONF) == "640 root:contraclaved\n", "the PIN is in it"


def test_upgrade_keeps_what_was_edited_and_asks_nothing(debs):
    with box(debs.base) as b:
        b.install(debs.one)
        kept = {CONF: b.configure(**RIGHT)}
        for name in ("/etc/udev/rules.d/78-contraclaved-local.rules", "/etc/udev/rules.d/78-contraclaved.rules",
                     "/etc/systemd/system/contraclaved.service.d/override.conf"):
            b.path(name).parent.mkdir(parents=True, exist_ok=True)
            b.path(name).write_text("# mío\n")
            kept[name] = b.path(name).read_bytes()
        b.run("systemctl", "--root=/", "enable", "contraclaved")
        b.path("/active").touch()
        b.asked()
        said = b.install(debs.two)
        assert {name: b.path(name).read_bytes() for name in kept} == kept
        assert "# otra versión" in b.path("/usr/share/contraclaved/contraclaved.conf").read_text()
        assert b.asked() == ["restart contraclaved.service"], "once, and never stopped before"
        assert "/etc/udev/rules.d/78-contraclaved.rules es de otra instalación" in said
        assert not list(b.path("/etc/contraclaved").glob("*.dpkg-*"))


def test_upgrade_with_a_configuration_that_is_no_longer_right(debs):
    with box(debs.base) as b:
        b.install(debs.one)
        b.configure(**RIGHT, zona_horaria="Europa/Madrid")
        b.path("/active").touch()
        said = b.install(debs.two)
        assert "zona_horaria: no existe en este equipo" in said and "no se arranca ni se reinicia" in said, said
        assert b.asked() == [], "what runs goes on"
        assert b.status() == "install ok installed"


def test_a_service_that_is_switched_off_stays_off(debs):
    with box(debs.base) as b:
        b.install(debs.one)
        b.configure(**RIGHT)
        b.install(debs.two)
        assert not b.is_enabled() and b.asked() == []


def test_a_configuration_that_was_deleted_stays_deleted(debs):
    with box(debs.base) as b:
        b.install(debs.one)
        b.path(CONF).unlink()
        said = b.install(debs.two)
        assert not b.path(CONF).exists() and "no existe" in said, said


def test_remove_and_back(debs):
    with box(debs.base) as b:
        b.install(debs.whole)
        mine = b.configure(**RIGHT)
        b.serve()
        data = b.data()
        assert len(data[0]) == 32 and "contraclaved.db" in data[1]
        b.apt("remove", "contraclaved")
        assert b.asked() == ["stop contraclaved-copia.timer contraclaved.service"]
        assert b.status() == "deinstall ok config-files"
        assert not b.path("/usr/sbin/contraclaved").exists()
        assert b.path(CONF).read_bytes() == mine and b.data() == data
        b.install(debs.whole)
        b.serve()
        assert b.data() == data, "the same key and database"


def test_purge_keeps_data_and_key_unless_told(debs):
    with box(debs.base) as b:
        b.install(debs.whole)
        b.configure(**RIGHT)
        b.serve()
        data = b.data()
        said = b.apt("purge", "contraclaved")
        assert "los datos y la clave siguen" in said, said
        assert b.data() == data and not b.path("/etc/contraclaved").exists() and b.status() == ""
        # installed again, it goes on with them
        b.install(debs.whole)
        b.configure(**RIGHT)
        b.serve()
        assert b.data() == data
        b.run("sh", "-c", "echo contraclaved contraclaved/purge-data boolean true | debconf-set-selections")
        b.apt("purge", "contraclaved")
        assert not list(b.path("/var/lib").glob("contraclaved*"))


def test_purge_leaves_nothing_behind(debs):
    with box(debs.base) as b:
        before = b.files()
        b.install(debs.whole, debs.simmodem)
        assert len(b.files()) > len(before) + 50
        for end in (".anterior", ".nuevo"):  # of contraclavectl instala, once and where it was killed
            b.path(CONF + end).touch()
        b.apt("purge", "contraclaved", "contraclaved-simmodem")
        assert b.files() == before, b.files() ^ before
        assert "contraclaved" not in b.run("debconf-show", "contraclaved")


def test_what_make_install_left_is_told(debs):
    with box(debs.base) as b:
        b.path("/usr/local/sbin/contraclaved").touch()
        said = b.install(debs.whole)
        assert "/usr/local/sbin/contraclaved es de otra instalación" in said, said


def test_etc_that_cannot_be_written(debs):
    with box(debs.base) as b:
        b.install(debs.whole, code=100, before=READ_ONLY_ETC)
        b.run("dpkg", "--configure", "-a", code=None)
        assert b.status() == "install ok installed" and b.path(CONF).exists()
        before = b.path(CONF).read_bytes()
        said = b.run("contraclavectl", "instala", "--entidad", RIGHT["entidad"], code=74, before=READ_ONLY_ETC)
        assert CONF in said and "solo lectura" in said and b.path(CONF).read_bytes() == before, said
        b.configure(**RIGHT)
        assert '"modems"' in b.serve(before=READ_ONLY_ETC), "what it writes is elsewhere"


def test_no_systemd_no_udev(debs):
    """As in a container: the scripts have nobody to ask for a start, and the program serves all the same."""
    with box(debs.base, pretends=False) as b:
        assert not b.path("/run/systemd/system").exists() and not b.path("/usr/bin/udevadm").exists()
        b.install(debs.one)
        kept = b.configure(**RIGHT)
        b.run("systemctl", "--root=/", "enable", "contraclaved")
        assert '"modems"' in b.serve()
        data = b.data()
        said = b.install(debs.two)
        assert "no arranca" not in said and "systemd as init" not in said, said
        b.serve()
        b.apt("remove", "contraclaved")
        b.install(debs.two)
        assert b.path(CONF).read_bytes() == kept and b.data() == data
        b.apt("purge", "contraclaved")
        assert b.data() == data and b.run("dpkg", "--audit") == ""


def put_database(b, version):
    """What a program with that version of the schema has left."""
    for path, content, mode in ((DATABASE, lzma.decompress((SCHEMAS / f"{version:02}.db.xz").read_bytes()), 0o600),
                                ("/var/lib/contraclaved-clave/clave-maestra", bytes(range(32)), 0o400),
                                ("/var/lib/contraclaved-clave/clave-maestra.ancla", anchor_of(version), 0o600)):
        if content:
            b.path(path).write_bytes(content)
            b.run("chown", "contraclaved:", path)
            b.path(path).chmod(mode)


def anchor_of(version):
    anchor = SCHEMAS / f"{version:02}.ancla"
    return anchor.read_bytes() if anchor.exists() else b""


def version_of(path):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return db.execute("PRAGMA user_version").fetchone()[0]


def set_version(b, version):
    """Of a database that no program has open; the version of before."""
    path = b.path(DATABASE)
    before = version_of(path)
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {version}")
    return before


def test_data_of_an_older_package(debs):
    newest = max(int(path.name[:2]) for path in SCHEMAS.glob("*.db.xz"))
    for version in (1, newest - 1):
        with box(debs.base) as b:
            b.install(debs.one)
            b.configure(**RIGHT)
            put_database(b, version)
            b.install(debs.two)
            said = b.serve()
            assert re.search(r'"ciudadanos": ?2\b', said), (version, said)
            assert version_of(b.path(DATABASE)) == newest and version_of(b.path(f"{DATABASE}.version-{version}")) == version


# what is typed, a tab; and the words that must then be on the screen
COMPLETED = [
    ("contraclavectl cliente cr\t", "contraclavectl cliente crear "),
    ("contraclavectl operador crear --rol te\t", "--rol tecnico "),
    ("contraclaved --comp\t", "contraclaved --comprobar "),
    ("simmodem --pers\t", "simmodem --personality "),
]


def test_bash_completes_at_a_terminal(debs):
    with box(debs.base) as b:
        b.install(debs.whole, debs.simmodem)
        # as bash-completion does when a program is first completed
        b.path("/etc/bash.bashrc").write_text("_loads() { . /usr/share/bash-completion/completions/$1 && return 124; }; complete -D -F _loads\n")
        for typed, shown in COMPLETED:
            said = b.run("sh", "-c", f"(sleep 1; printf '{typed}'; sleep 2; printf '\\025exit\\n'; sleep 1) | script -qc 'bash -i' /dev/null",
                         before='mount -t devpts -o newinstance,ptmxmode=666 devpts "$0/dev/pts"')
            assert shown in said, (typed, said)


def test_the_unit_in_a_systemd_that_runs(debs):
    with box(debs.base, pretends=False) as b:
        for deb in (debs.one, debs.two, debs.whole):
            shutil.copy(deb, b.path(f"/{deb.name}"))
        with booted(b) as m:
            said = m.run("apt-get", "-y", "-q", "install", f"/{debs.one.name}")
            assert "contraclavectl" in said and m.unit("ActiveState") == "inactive" and not b.is_enabled(), said
            # a bad file is refused once, and systemctl says the sentence
            m.run("systemctl", "start", "contraclaved", code=1)
            assert (m.unit("Result"), m.unit("ExecMainStatus"), m.unit("NRestarts")) == ("exit-code", "78", "0")
            said = m.run("systemctl", "status", "--no-pager", "-l", "contraclaved", code=3)
            assert "entidad: escriba el nombre del ayuntamiento" in said, said
            right = b.configure(**RIGHT)
            m.run("systemctl", "enable", "--now", "contraclaved")
            pid = m.unit("MainPID")
            assert '"modems"' in m.run("contraclavectl", "estado", "--json")
            # an upgrade restarts it…
            m.run("apt-get", "-y", "-q", "install", f"/{debs.two.name}")
            assert m.unit("ActiveState") == "active" and m.unit("MainPID") != pid
            # …but not with a file that it would refuse
            pid = m.unit("MainPID")
            b.configure(zona_horaria="Europa/Madrid")
            said = m.run("apt-get", "-y", "-q", "install", f"/{debs.whole.name}")
            assert m.unit("MainPID") == pid and "zona_horaria: no existe" in said, said
            b.path(CONF).write_bytes(right)
            m.run("systemctl", "reload", "contraclaved")
            data = b.data()
            # an older program does not start on the data of a newer one, and says how to go on
            m.run("systemctl", "stop", "contraclaved")
            newest = set_version(b, 999)
            said = m.run("apt-get", "-y", "-q", "--allow-downgrades", "install", f"/{debs.one.name}")
            assert "no arranca" in said and m.unit("ActiveState") == "failed", said
            said = m.run("systemctl", "status", "--no-pager", "-l", "contraclaved", code=3)
            assert "versión 999" in said and "instale otra vez el programa más nuevo" in said, said
            assert set_version(b, newest) == 999
            m.run("apt-get", "-y", "-q", "install", f"/{debs.whole.name}")
            assert m.unit("ActiveState") == "active"
            m.run("apt-get", "-y", "-q", "purge", "contraclaved")
            eventually(lambda: m.unit("ActiveState") == "inactive")
            assert b.data() == data


# script, what is going on meanwhile, and the status that repeating it must lead to
CUTS = [
    ("config", "install", "install ok installed"),
    ("postinst", "install", "install ok installed"),
    ("prerm", "upgrade", "install ok installed"),
    ("postrm", "upgrade", "install ok installed"),
    ("postinst", "upgrade", "install ok installed"),
    ("prerm", "remove", "deinstall ok config-files"),
    ("postrm", "remove", "deinstall ok config-files"),
    ("postrm", "purge", ""),
]


def test_power_cuts_in_each_script(debs):
    with box(debs.base) as b:
        acts = {"install": lambda **more: b.install(debs.one, **more), "upgrade": lambda **more: b.install(debs.two, **more),
                "remove": lambda **more: b.apt("remove", "contraclaved", **more),
                "purge": lambda **more: b.apt("purge", "contraclaved", **more)}
        data = None
        for script, act, status in CUTS:
            for where in ("start", "end"):
                if act != "install":
                    acts["install"]()
                    kept = b.configure(**RIGHT)
                    b.serve()
                    data = data or b.data()
                if act == "purge":
                    acts["remove"]()
                cut = b.path(f"/cut.{script}.{where}")
                cut.touch()
                acts[act](code=100)
                assert not cut.exists(), (script, act, where, "was not reached")
                b.run("dpkg", "--configure", "-a", code=None)
                acts[act]()
                left = b.run("dpkg", "--audit")
                assert b.status() == status and left == "", (script, act, where, b.status(), left)
                if act != "purge" and data is not None:
                    assert b.path(CONF).read_bytes() == kept, (script, act, where)
                if data is not None:
                    assert b.data() == data, (script, act, where)
                b.apt("purge", "contraclaved", code=None)


def main():
    wanted = sys.argv[1:]
    tests = [(name, function) for name, function in globals().items() if name.startswith("test_")]
    chosen = [(name, f) for name, f in tests if not wanted or any(word in name for word in wanted)]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="contraclaved-debs-") as folder:
        debs = Debs(pathlib.Path(folder))
        for name, function in chosen:
            started = time.monotonic()
            try:
                function(debs)
                word = "ok"
            except Exception:
                traceback.print_exc()
                failed += 1
                word = "FAIL"
            print(f"  {word:4} {time.monotonic() - started:6.1f} s  {name}", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
