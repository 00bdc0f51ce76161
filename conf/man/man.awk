# SPDX-License-Identifier: EUPL-1.2
# Makes a page of the manual in one language of its source: a line "es|…" or "en|…" is of that language alone, any
# other of both. ".@salidas", ".@ordenes" and ".@claves" stand for the exit codes (salidas), the orders (the help of
# contraclavectl in src/app/ctl.c; ordenes.en) and the keys (the comments of conf/contraclaved.conf; claves.en).
# -v lang=es|en -v version=VERSION
BEGIN {
    here = "conf/man/"
    read_words(here "ordenes.en")
    read_words(here "claves.en")
}
/^# / { next }
{ put_line($0) }

function put_line(line) {
    if (line == ".@salidas") put_file(here "salidas")
    else if (line == ".@ordenes") put_orders("src/app/ctl.c")
    else if (line == ".@claves") put_keys("conf/contraclaved.conf")
    else if (line ~ /^(es|en)[|]/) { if (substr(line, 1, 2) == lang) print filled(substr(line, 4)) }
    else print filled(line)
}

function filled(line) { gsub(/@VERSION@/, version, line); return line }

function put_file(path,   line) {
    while ((getline line < path) > 0) if (line !~ /^# /) put_line(line)
    close(path)
}

# "NAME = text" of the English files.
function read_words(path,   line, at) {
    while ((getline line < path) > 0) {
        at = index(line, " = ")
        if (at > 0) english[substr(line, 1, at - 1)] = substr(line, at + 3)
    }
    close(path)
}

# Text as roff reads it.
function roff(text) {
    gsub(/\\/, "\\e", text)
    gsub(/--/, "\\-\\-", text)
    if (text ~ /^[.'"]/) text = "\\&" text
    return text
}

# What is typed: its hyphens are those of the keyboard.
function bold(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    return "\\fB" text "\\fR"
}

# A heading begins a paragraph already.
function put_paragraph(text) {
    if (!fresh) print ".PP"
    fresh = 0
    if (text != "") print text
}

function trimmed(text) { gsub(/^ +| +$/, "", text); return text }

# ---- orders: "  ORDER" in 34 columns, what it does behind them ----

function put_orders(path,   line, open, text) {
    while ((getline line < path) > 0) {
        if (line ~ /^static const char [a-z_]*help\[\]/) open = 1
        if (!open) continue
        if (line ~ /^ *"/) text = text literal(line)
        if (line ~ /;$/) open = 0
    }
    close(path)
    put_order_lines(text)
}

# What is between the quotes; its \n as line ends.
function literal(line) {
    sub(/^ *"/, "", line)
    sub(/";?$/, "", line)
    gsub(/\\n/, "\n", line)
    gsub(/\\"/, "\"", line)
    return line
}

function put_order_lines(text,   count, lines, i, rest) {
    count = split(text, lines, "\n")
    for (i = 1; i <= count; i++) {
        if (lines[i] ~ /^  [a-z]/) { end_order(); order = "" }
        else if (lines[i] !~ /^      / || lines[i] ~ /^      --/) { end_order(); continue }
        rest = substr(lines[i], 35)
        # an order that runs on over the column has no text in its line
        if (substr(lines[i], 1, 34) !~ /^ *$/ && (substr(lines[i], 34, 1) != " " || is_order(rest))) {
            order = order " " trimmed(lines[i])
            continue
        }
        order = order " " trimmed(substr(lines[i], 1, 34))
        said = said (said == "" ? "" : "\n") trimmed(rest)
    }
    end_order()
}

function is_order(text) { return text ~ /^[-\[|>]/ || text ~ /^[A-Z][A-Z]+/ && text !~ /^[A-Z]+ [a-z]/ || text ~ /^[A-Z]( [-\[]|$)/ }

function end_order(   name, count, tokens, i) {
    order = trimmed(order)
    if (order != "") {
        count = split(order, tokens, " ")
        for (i = 1; i <= count && i <= 2 && tokens[i] ~ /^[a-z][a-z-]*$/; i++) name = name (i > 1 ? " " : "") tokens[i]
        if (lang == "en" && order in english) said = english[order]
        else if (lang == "en" && name in english) said = english[name]
        print ".TP\n" bold(order)
        count = split(said, tokens, "\n")
        for (i = 1; i <= count; i++) print roff(tokens[i])
    }
    order = said = ""
}

# ---- keys: comments, then "key = value" with or without a # in front and a comment behind ----

function put_keys(path,   line, section) {
    section = "root"
    while ((getline line < path) > 0) {
        line = trimmed(line)
        if (line ~ /^# ---- /) { put_heading(line); block = "" }
        else if (line == "") { put_block(); block = "" }
        else if (line ~ /^[a-z]+ ([a-z]+ )?[{]$/) { put_block(); block = ""; section = first_word(line); put_paragraph(bold(line)) }
        else if (line == "}") { end_key(); block = ""; section = "root" }
        else if (line ~ /^#?[a-z][a-z0-9_]* = /) put_key(section, line)
        else if (inline && line ~ /^# /) { if (lang == "es") said = said "\n" substr(line, 3) }
        else { end_key(); block = block substr(line, 3) "\n" }
    }
    close(path)
    end_key()
}

function first_word(line) { sub(/ .*/, "", line); return line }

function put_heading(line) {
    end_key()
    gsub(/^# -* | -*$/, "", line)
    fresh = 1
    print ".SS " (lang == "en" && ("# " line) in english ? english["# " line] : line)
}

# A comment that is of no key: the Spanish page has it.
function put_block() {
    end_key()
    if (block != "" && lang == "es" && started) { put_paragraph(); put_text(block) }
    started = 1
}

# Keys that share a comment stand above it together.
function put_key(section, line,   at, comment, name) {
    sub(/^#/, "", line)
    comment = ""
    at = match(line, / +# /)
    if (at > 0) { comment = substr(line, at + RLENGTH); line = substr(line, 1, at - 1) }
    name = section "." first_word(line)
    if (lang == "en" && name in english) comment = english[name]
    if (inline || comment != "") end_key()
    if (at > 0 && block != "") { put_block(); block = "" }
    print (keys++ ? ".TQ" : ".TP") "\n" bold(line)
    fresh = 0
    inline = comment != ""
    said = inline ? comment : block
}

function end_key() {
    if (keys) put_text(said)
    if (keys && !inline) block = ""
    keys = inline = 0
    said = ""
}

# Lines that are indented in the comment are a table, and stay as they are.
function put_text(text,   count, lines, i, table) {
    count = split(text, lines, "\n")
    for (i = 1; i <= count; i++) {
        if (lines[i] == "") continue
        if ((lines[i] ~ /^  /) != table) { table = !table; print table ? ".nf" : ".fi" }
        print roff(lines[i])
    }
    if (table) print ".fi"
}
