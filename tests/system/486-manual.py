# SPDX-License-Identifier: EUPL-1.2
"""The pages of the manual and the completion of the shell, held to the programs' own tables."""

import re
import subprocess

from box import BUILD, ROOT

ENGLISH, SPANISH = BUILD / "man", BUILD / "man/es"


def plain(path):
    """The page as it is read: without roff."""
    text = re.sub(r"\\f[BIR]", "", path.read_text()).replace("\\-", "-").replace("\\e", "\\")
    return re.sub(r'(?m)^\.(BR|BI|B|I) (.*)', lambda m: m[2].replace('"', "").replace(" ,  ", ", "), text)


def both(page):
    return [plain(folder / f"man{page[-1]}" / page) for folder in (ENGLISH, SPANISH)]


def section(text, *titles):
    found, = re.findall(rf"(?ms)^\.SH (?:{'|'.join(titles)})\n(.*?)(?=^\.SH |\Z)", text)
    return found


def told(*words):
    return subprocess.run([BUILD / words[0], *words[1:]], check=True, capture_output=True, text=True).stdout


def orders():
    for line in told("contraclavectl", "--ordenes").splitlines():
        yield re.match(r"[a-z][a-z-]*(?: [a-z][a-z-]*)?", line)[0], re.findall(r"--([a-z0-9-]+)", line)


def test_each_order_and_option_of_contraclavectl():
    assert len(list(orders())) > 50
    for page in both("contraclavectl.1"):
        entries, options = section(page, "ORDERS", "ÓRDENES"), section(page, "OPTIONS", "OPCIONES")
        for words, taken in orders():
            assert re.search(rf"(?m)\b{words.split()[-1]}\b", entries), f"{words} is not in the page"
            assert re.search(rf"(?m)^{words.split()[0]}\b", entries), f"{words} is not in the page"
            for option in taken:
                assert re.search(rf"(?m)^--{option}( |$)", options), f"--{option} is not in the page"
        for option in re.findall(r"(?m)^ {2,6}(?:-c, )?(--[a-z]+)", told("contraclavectl", "--help")):
            assert re.search(rf"(?m)^(-c, )?{option}( |$)", options), f"{option} is not in the page"


def test_each_order_has_english_words():
    spanish, english = (section(plain(folder / "man1/contraclavectl.1"), "ORDERS", "ÓRDENES") for folder in (SPANISH, ENGLISH))
    entries = [dict(re.findall(r"(?ms)^\.TP\n([^\n]+)\n(.*?)(?=^\.TP|\Z)", text)) for text in (spanish, english)]
    assert entries[0].keys() == entries[1].keys()
    for order in entries[0]:
        assert entries[0][order] != entries[1][order], f"conf/man/ordenes.en has no words for: {order}"


def test_each_option_of_the_other_programs():
    for program, name in (("contraclaved", "contraclaved.8"), ("simmodem", "simmodem.1")):
        for page in both(name):
            options = re.findall(r"(?m)^ {2,6}(?:-c, )?(--[a-z-]+)", told(program, "--help"))
            assert len(options) >= 4
            for option in options:
                assert re.search(rf"(?m)^(-c,? +,? ?)?{option}( |$)", page), f"{name}: no {option}"


def test_each_key_of_the_configuration():
    keys = re.findall(r"(?m)^ *#?([a-z][a-z0-9_]*) = ", (ROOT / "conf/contraclaved.conf").read_text())
    assert len(keys) > 90
    english, spanish = both("contraclaved.conf.5")
    for page in (english, spanish):
        assert [key for key in re.findall(r"(?m)^\.T[PQ]\n([a-z][a-z0-9_]*) = ", page)] == keys
    entries = [re.findall(r"(?ms)^\.T[PQ]\n([a-z0-9_]+) = [^\n]*\n(.*?)(?=^\.|\Z)", text) for text in (english, spanish)]
    for (key, ours), (_, theirs) in zip(*entries):
        assert ours and ours != theirs, f"conf/man/claves.en has no words for {key}"


def test_each_exit_code():
    rows = (ROOT / "src/base/err.inc").read_text()
    codes = {int(code) for code in re.findall(r'(?m)^ERR_ROW\(\w+, "\w+", \d+, (\d+)[,)]', rows)} | {0, 1, 64}
    for name in ("contraclaved.8", "contraclavectl.1"):
        for page in both(name):
            assert {int(code) for code in re.findall(r"(?m)^\.TP\n(\d+)$", section(page, "EXIT STATUS", "TERMINA CON"))} == codes


def complete(*words):
    script = f"""source {ROOT}/conf/completion.bash
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_contraclavectl "$1" "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD-1]}}"
printf '%s\\n' "${{COMPREPLY[@]}}" """
    done = subprocess.run(["bash", "-c", script, "bash", BUILD / "contraclavectl", *words], check=True, capture_output=True, text=True)
    assert done.stderr == "", done.stderr
    return done.stdout.split()


def test_completion():
    table = list(orders())
    assert complete("") == sorted({words.split()[0] for words, _ in table})
    assert complete("ciudadano", "") == sorted({words.split()[1] for words, _ in table if words.startswith("ciudadano ")})
    assert complete("cliente", "crear", "--nombre", "x", "--") == ["--ambitos", "--caduca", "--certificados", "--ip-obligatoria", "--redes"]
    assert complete("-c", "/etc/x.conf", "alta", "rechaza", "7", "--") == ["--motivo", "--nombre"]
    assert complete("operador", "crear", "--rol", "t") == ["tecnico"]
    assert complete("cliente", "crear", "--nombre", "") == [], "nobody knows the name"
    assert "/usr" in complete("restaura", "/us")
    assert {"--json", "--config"} <= set(complete("--"))
