# SPDX-License-Identifier: EUPL-1.2
"""A Debian in a folder, for the tests of the packages: what runs in it has its own processes and mounts."""

import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("BUILD", "build")
SCRIPTS = ("config", "postinst", "prerm", "postrm")
RIGHT = {"entidad": "Ayuntamiento de Alpedrete", "nombre_sms": "Ayto. de Alpedrete"}

# Stands for systemd, which does not run there: keeps what it is asked. /active says whether the service runs.
RECORDER = """#!/bin/sh
echo "$(basename "$0") $*" >>/calls
case "$*" in
*is-active*) [ -e /active ] ;;
*enable* | *preset*) exec "$0.real" "$@" ;; # which are links, with or without a systemd that runs
esac
"""
# A power cut in a maintainer script, once, where /cut.SCRIPT.WHERE says so.
CUT = """if [ -e /cut.{script}.{where} ]; then rm /cut.{script}.{where}; kill -9 $(pidof dpkg); exit 9; fi
"""


def make_base(deb):
    """A minimal Debian with what the package depends on, kept in the build folder for the next run."""
    depends = subprocess.run(["dpkg-deb", "-f", deb, "Depends"], check=True, capture_output=True, text=True).stdout
    base, ready = BUILD / "package/base", BUILD / "package/ready"
    if ready.exists() and ready.read_text() == depends:
        return base
    ready.unlink(missing_ok=True)
    shutil.rmtree(base, ignore_errors=True)
    base.mkdir(parents=True)
    release = dict(re.findall(r'(?m)^(\w+)="?([^"\n]*)', pathlib.Path("/etc/os-release").read_text()))
    mirror = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
    subprocess.run(["debootstrap", "--variant=minbase", release["VERSION_CODENAME"], base, mirror],
                   check=True, stdout=subprocess.DEVNULL)
    box = Box(base)
    box.run("apt-get", "update", "-qq")
    box.run("apt-get", "satisfy", "-y", "-qq", "--no-install-recommends", depends)
    box.run("apt-get", "clean")
    for path in (base / "var/lib/apt/lists").glob("*_*"):
        path.unlink()
    ready.write_text(depends)
    return base


def repack(deb, folder, version, example=None):
    """The package as another version, with the cuts of CUT in its scripts, and another example of the configuration."""
    tree = folder / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    subprocess.run(["dpkg-deb", "-R", deb, tree], check=True)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"(?m)^Version: .*", f"Version: {version}", control.read_text()))
    for script in SCRIPTS:
        path = tree / "DEBIAN" / script
        first, rest = path.read_text().split("\n", 1)
        start, end = (CUT.format(script=script, where=where) for where in ("start", "end"))
        path.write_text(f"{first}\n{start}{rest}{end}")
    if example is not None:
        with open(tree / "usr/share/contraclaved/contraclaved.conf", "a") as file:
            file.write(example)
    made = folder / f"contraclaved_{version}.deb"
    subprocess.run(["dpkg-deb", "-b", "--root-owner-group", tree, made], check=True, stdout=subprocess.DEVNULL)
    return made


class Box:
    def __init__(self, root):
        self.root = root

    def path(self, name):
        return self.root / name.lstrip("/")

    def start(self, *words, before="", **more):
        script = f'mount --bind "$0" "$0" && mount -t proc proc "$0/proc"\n{before}\nexec chroot "$0" "$@"'
        return subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", script, self.root, *map(str, words)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}, **more)

    def run(self, *words, code=0, **more):
        """What it says; code None: it may end as it likes."""
        process = self.start(*words, **more)
        said, _ = process.communicate(timeout=600)
        assert code is None or process.returncode == code, f"{words} ended with {process.returncode}:\n{said}"
        return said

    def apt(self, *words, code=0, **more):
        return self.run("apt-get", "-y", "-q", "--no-install-recommends", *words, code=code, **more)

    def install(self, *debs, options=(), **more):
        for deb in debs:
            shutil.copy(deb, self.path(deb.name))
        return self.apt("install", *options, *(f"/{deb.name}" for deb in debs), **more)

    def status(self):
        """dpkg's word on the package: "install ok installed", "deinstall ok config-files" or "" if it is unknown."""
        return self.run("dpkg-query", "-W", "-f", "${Status}", "contraclaved", code=None).partition("dpkg-query:")[0]

    def pretend_systemd(self):
        for name in ("systemctl", "deb-systemd-invoke"):
            path = self.path(f"/usr/bin/{name}")
            path.rename(f"{path}.real")
            path.write_text(RECORDER)
            path.chmod(0o755)
        self.path("/run/systemd/system").mkdir(parents=True, exist_ok=True)

    def asked(self):
        """What systemd was asked to start and stop since the last time."""
        calls = self.path("/calls")
        said = re.findall(r"(?m)^deb-systemd-invoke (.*)", calls.read_text() if calls.exists() else "")
        calls.unlink(missing_ok=True)
        return said

    def is_enabled(self):
        return self.path("/etc/systemd/system/multi-user.target.wants/contraclaved.service").is_symlink()

    def configure(self, **values):
        conf = self.path("/etc/contraclaved/contraclaved.conf")
        text = conf.read_text()
        for key, value in values.items():
            text, count = re.subn(rf'(?m)^#?{key} = .*', f'{key} = "{value}"', text)
            assert count == 1, (key, count)
        conf.write_text(text)
        return conf.read_bytes()

    def serve(self, **more):
        """Runs the service until contraclavectl has its answer, as systemd would: its user, its folder in /run."""
        words = "install -d -o contraclaved -g contraclaved /run/contraclaved; exec setpriv --reuid=contraclaved " \
                "--regid=contraclaved --init-groups contraclaved"
        process = self.start("sh", "-c", words + " & until contraclavectl estado --json; do kill -0 $! || exit 1; sleep 0.1; done;"
                             "kill $!; wait $!", **more)
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, said
        return said

    def data(self):
        """The key and which files there are, but for those of an open database: what a purge must leave."""
        key = self.path("/var/lib/contraclaved-clave/clave-maestra")
        return key.read_bytes(), sorted(
            path.name for path in self.path("/var/lib/contraclaved").iterdir() if not path.name.endswith(("-wal", "-shm")))

    def files(self):
        """Every file but those of dpkg, debconf, logs and caches."""
        skip = re.compile(r"/(var/(lib/(dpkg|apt|systemd)|cache|log)|proc|run|tmp|[^/]*\.deb$|calls$|etc/(passwd|group|g?shadow)-?$)")
        listed = set()
        for folder, folders, names in os.walk(self.root):
            for name in folders + names:
                path = "/" + str(pathlib.Path(folder, name).relative_to(self.root))
                if not skip.match(path):
                    listed.add(path)
        return listed


@contextlib.contextmanager
def box(base, pretends=True):
    with tempfile.TemporaryDirectory(prefix="contraclaved-package-") as folder:
        root = pathlib.Path(folder) / "root"
        subprocess.run(["cp", "-a", base, root], check=True)
        made = Box(root)
        if pretends:
            made.pretend_systemd()
        yield made


