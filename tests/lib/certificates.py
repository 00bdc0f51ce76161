# SPDX-License-Identifier: EUPL-1.2
"""Authorities and certificates of citizens, made with openssl: what a sede forwards, and the folders of the town."""

import subprocess

FNMT = "/C=ES/serialNumber=IDCES-{nif}/GN={name}/SN={surname}/CN={surname} {name} - {nif}"


def openssl(*words, **more):
    return subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, **more).stdout


class Authority:
    """A root in a folder of its own: `trust` to be trusted, `lists` for its revocation lists."""

    def __init__(self, folder, name="AC de pruebas"):
        self.folder = folder / name.replace(" ", "-")
        self.trust, self.lists = self.folder / "confianza", self.folder / "crl"
        for path in (self.folder, self.trust, self.lists):
            path.mkdir(parents=True)
        (self.folder / "index.txt").touch()
        (self.folder / "serial").write_text("1001\n")
        (self.folder / "openssl.cnf").write_text(f"""
[ca]
default_ca = town
[town]
database = {self.folder}/index.txt
serial = {self.folder}/serial
new_certs_dir = {self.folder}
certificate = {self.folder}/root.pem
private_key = {self.folder}/root.key
default_md = sha256
policy = any
email_in_dn = no
unique_subject = no
[any]
[person]
basicConstraints = CA:FALSE
keyUsage = digitalSignature
extendedKeyUsage = clientAuth
[signer]
basicConstraints = CA:FALSE
keyUsage = nonRepudiation
""")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 3650, "-utf8",
                "-subj", f"/C=ES/O=Pruebas/CN={name}", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                "-keyout", self.folder / "root.key", "-out", self.folder / "root.pem")
        self.pem = (self.folder / "root.pem").read_text()
        (self.trust / "raiz.pem").write_text(self.pem)

    def issue(self, subject=None, nif="12345678Z", name="JUAN", surname="ESPAÑOL ESPAÑOL", kind="person"):
        """The person's certificate, PEM; the root is its chain."""
        subject = subject or FNMT.format(nif=nif, name=name, surname=surname)
        request, out = self.folder / "person.csr", self.folder / "person.pem"
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-utf8", "-subj", subject,
                "-keyout", "/dev/null", "-out", request)
        openssl("ca", "-batch", "-config", self.folder / "openssl.cnf", "-extensions", kind, "-days", 365, "-notext",
                "-utf8", "-preserveDN", "-subj", subject, "-in", request, "-out", out)
        return out.read_text()

    def seal(self, *algorithm):
        """A town's electronic seal: its certificate and its key, PEM."""
        algorithm = algorithm or ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
        subject, request, out, key = "/C=ES/O=Ayuntamiento/CN=Sello de Alpedrete", *(self.folder / f"seal.{e}" for e in ("csr", "pem", "key"))
        openssl("req", "-new", "-newkey", *algorithm, "-nodes", "-utf8", "-subj", subject, "-keyout", key, "-out", request)
        openssl("ca", "-batch", "-config", self.folder / "openssl.cnf", "-extensions", "signer", "-days", 365, "-notext",
                "-utf8", "-preserveDN", "-subj", subject, "-in", request, "-out", out)
        return out.read_text(), key.read_text()

    def publish(self, revoked=None, hours=24):
        """Writes the list of revoked certificates into `lists`."""
        if revoked:
            (self.folder / "revoked.pem").write_text(revoked)
            openssl("ca", "-config", self.folder / "openssl.cnf", "-revoke", self.folder / "revoked.pem")
        new = self.folder / "new.crl"
        openssl("ca", "-config", self.folder / "openssl.cnf", "-gencrl", "-crlhours", hours, "-out", new)
        new.rename(self.lists / "lista.crl")
