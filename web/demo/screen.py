# SPDX-License-Identifier: EUPL-1.2
"""What the citizen sees: texts, fields, and the one page that all screens share. Everything that is shown is escaped here."""

import html
import pathlib
import re

FOLDER = pathlib.Path(__file__).resolve().parent
# Attributes of each field. No maxlength: it would cut a code that is pasted with a blank before it.
DIGITS = 'type="text" class="in-pin" inputmode="numeric" autocomplete="off"'
ONE_TIME = DIGITS.replace('"off"', '"one-time-code"')
FIELDS = {
    "nif": 'type="text" autocomplete="username" autocapitalize="characters" spellcheck="false"',
    "clave": DIGITS, "confirmacion": DIGITS, "contraclave": ONE_TIME, "codigo": ONE_TIME,
    "contrasena": 'type="password" autocomplete="current-password"', "nueva": 'type="password" autocomplete="new-password"',
    "contraste": 'type="text" autocomplete="off" spellcheck="false"',
    "nombre": 'type="text" autocomplete="given-name"', "apellido1": 'type="text" autocomplete="family-name"', "apellido2": 'type="text" autocomplete="off"',
    "movil": 'type="tel" autocomplete="tel"', "correo": 'type="email" autocomplete="email" spellcheck="false"',
    "clave_ayto": 'type="password" autocomplete="current-password"',
    "reto": 'type="hidden"', "reto_trabajo": 'type="hidden"', "prueba": 'type="hidden"',
    "reto_respuesta": 'type="text" autocomplete="off" spellcheck="false"',
    "documento": 'type="file" accept="application/pdf,image/jpeg,image/png" multiple',
}
PASSWORDS = ("contrasena", "nueva", "clave_ayto")  # a blank at either end is part of one
HIDDEN = ("reto", "reto_trabajo", "prueba")
NEVER_SHOWN_AGAIN = ("clave", "confirmacion", "contraclave", "codigo", "documento", "reto_trabajo", "reto_respuesta", *PASSWORDS)
# where a password is chosen: its field
CHOSEN = {"/registro": "contrasena", "/contrasena/alta": "contrasena", "/contrasena/codigo": "nueva", "/clave/cambio": "nueva"}
CODE = re.compile(r"\b\d{4,8}\b")


def read_words(path):
    rows = (line.partition(" = ") for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return {name: text for name, _, text in rows}


WORDS = {path.stem: read_words(path) for path in sorted((FOLDER / "palabras").glob("*.txt"))}
TEMPLATE = (FOLDER / "page.html").read_text("utf-8")
escape = html.escape


def make_page(words, texts, pieces):
    """The template with texts, which are escaped, and pieces, which are HTML already. {{?x}}…{{/x}} stays if x is not empty."""
    page = re.sub(r"\{\{\?(\w+)\}\}(.*?)\{\{/\1\}\}", lambda m: m[2] if texts.get(m[1]) or pieces.get(m[1]) else "", TEMPLATE, flags=re.DOTALL)
    return re.sub(r"\{\{([\w.]+)\}\}", lambda m: pieces[m[1]] if m[1] in pieces else escape(texts.get(m[1]) or words.get(m[1], "")), page)


def make_tabs(words, here):
    return "".join(f'<a href="{path}"{" aria-current=page" if path == here else ""}>{escape(words[path[1:] + ".title"])}</a>'
                   for path in ("/quiero", "/tengo"))


def make_notices(words, fields, said, problem):
    told = [("good", "status", said)] if said else []
    if problem:
        field, text = problem
        told.append(("bad", "alert", text if field not in fields or field in HIDDEN or field not in words else f"{words[field]}: {text}"))
    return "".join(f'<p class="note note-{tone}" role="{role}">{escape(text)}</p>' for tone, role, text in told)


def make_field(words, name, value, bad, label=None, hint=None, kind=None):
    value = "" if name in NEVER_SHOWN_AGAIN else value
    if name in HIDDEN:
        return f'<input id="{name}" name="{name}" value="{escape(value)}" {FIELDS[name]}>'
    state = f' aria-invalid="true" aria-describedby="{name}-mal" autofocus' if bad else ""
    told = f'<span class="bad-note" id="{name}-mal">{escape(bad)}</span>' if bad else ""
    return (f'<div class="field{" field-bad" if bad else ""}"><label for="{name}"><span>{escape(label or words[name])}</span> '
            f'<span class="hint">{escape(hint or words[name + ".hint"])}</span></label>{told}'
            f'<input id="{name}" name="{name}" value="{escape(value)}" {kind or FIELDS[name]}{state}></div>')


def make_rules(words, rules):
    """The rules of a password as the box tells them; registro.js ticks them while it is typed."""
    rows = "".join(f'<li data-regla="{escape(one["regla"])}"><span aria-hidden="true">○</span> {escape(one["texto"])} '
                   f'<span class="sr">{escape(words["rule.missing"])}</span></li>' for one in rules)
    return f'<ul id="reglas" data-cumple="{escape(words["rule.kept"])}" data-falta="{escape(words["rule.missing"])}">{rows}</ul>' if rules else ""


def make_work(words, reto):
    """What the browser does meanwhile, with the difficulty for it."""
    return (f'<p id="trabajo" class="small" role="status" data-dificultad="{reto["dificultad"]}" data-hecho="{escape(words["work.done"])}" '
            f'data-pendiente="{escape(words["work.waiting"])}">{escape(words["work.waiting"])}</p>'
            f'<noscript><p class="note note-care">{escape(words["no_script"])}</p></noscript>')


def make_form(words, name, path, fields, acts, sent, problem, live=False, rules=(), reto=None):
    """One form: its fields with what was typed, the sentence beside the field that is wrong, a button for each act."""
    kind = ' enctype="multipart/form-data"' if "documento" in fields else ""
    rows = ""
    for one in fields:
        chosen = FIELDS["nueva"] if CHOSEN.get(path) == one else None
        label = reto["pregunta"] if reto and one == "reto_respuesta" else None
        rows += make_field(words, one, sent.get(one, ""), problem[1] if problem and problem[0] == one else "", label,
                           words.get(f"{name}.{one}.hint"), chosen)
        rows += make_rules(words, rules) if chosen else ""
    rows += make_work(words, reto) if reto else ""
    choice = ' name="acto"' if len(acts) > 1 else ""
    buttons = "".join(f'<button class="button{"" if n else " button-main"}"{choice} value="{act}">{escape(words[f"{name}.{act}"])}</button>'
                      for n, act in enumerate(acts))
    vivo = f' data-fallo="{escape(words["failed"])}"' if live else ""
    return f'<form method="post" action="{path}" class="prose" novalidate{kind}{vivo}>{rows}<div class="acts">{buttons}</div></form>'


def make_method_link(method):
    way = {"pin24h": "/quiero", "contrasena_sms": "/contrasena", "contrasena": "/contrasena", "clave_ayto": "/clave", "certificado": "/certificado"}.get(method["metodo"])
    return f'<a href="{way}">{escape(method["titulo"])}</a>' if way else escape(method["titulo"])


def make_links(words, paths):
    return '<p class="small">' + " · ".join(f'<a href="{path}">{escape(words[path[1:].replace("/", "_") + ".title"])}</a>' for path in paths) + "</p>"


def make_methods(methods):
    """The chooser: what the town admits today, as GET /v1/metodos tells it: a title, how it goes, and until when."""
    rows = "".join(f"<dt>{make_method_link(one)}</dt><dd>{escape(' '.join(filter(None, (one['explicacion'], one['aviso']))))}</dd>" for one in methods)
    return f'<dl class="methods">{rows}</dl>'


def make_resend(words):
    return f'<form method="post" action="/reenvio" class="sheet-foot"><button class="button">{escape(words["resend"])}</button></form>'


def make_text(text):
    return f"<p>{escape(text)}</p>"


def make_talk(exchanges):
    return "".join(f'<pre tabindex="0">{escape(sent)}\n\n{escape(answered)}</pre>' for sent, answered in reversed(exchanges))


def make_messages(messages):
    """As demo.js makes them."""
    texts = [CODE.sub(r"<mark>\g<0></mark>", escape(m["text"]), count=1) for m in messages]
    return "".join(f'<p><span>{escape(m["number"])}</span>{text}</p>' for m, text in zip(messages, texts))
