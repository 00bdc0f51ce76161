# SPDX-License-Identifier: EUPL-1.2
# Makes one file of the pages in one language. Variables: words (catalogue), lang, page, version, web
# (the folder that the other files are served in).
# In the text, {{>FILE}} includes a file of this folder, {{NAME}} puts in the catalogue's text of
# NAME, {{=lang}} and the like a variable, {{@PAGE}} marks the link to the page itself; a * in any
# of them stands for the page. With script=desk the output is the module of the texts
# "js.…" that only the pages of the desk, of the figures and of the auditor use, with script=words that of the others.
# A name that the catalogue lacks ends the build.

function fail(why) {
    print "web: " why >"/dev/stderr"
    failed = 1
    exit 1
}

function escape_html(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/"/, "\\&quot;", text)
    return text
}

function escape_script(text) {
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    return text
}

function read_words(    line, at) {
    while ((getline line <words) > 0) {
        if (line ~ /^ *(#|$)/)
            continue
        at = index(line, " = ")
        if (at == 0)
            fail(words ": a line without \" = \": " line)
        text[substr(line, 1, at - 1)] = substr(line, at + 3)
        order[++count] = substr(line, 1, at - 1)
    }
    close(words)
}

function value_of(name) {
    if (name == "=lang")
        return lang
    if (name == "=page")
        return page
    if (name == "=version")
        return version
    if (name == "=web")
        return web
    if (name ~ /^@/)
        return substr(name, 2) == page ? " aria-current=\"page\"" : ""
    if (!(name in text))
        fail(words ": no text for " name)
    return escape_html(text[name])
}

function put_line(line,    name) {
    if (line ~ /^<!--.*-->$/)
        return
    while (match(line, /\{\{[^}]*\}\}/)) {
        name = substr(line, RSTART + 2, RLENGTH - 4)
        printf "%s", substr(line, 1, RSTART - 1)
        line = substr(line, RSTART + RLENGTH)
        sub(/\*/, page, name)
        if (name ~ /^>/)
            put_file("web/" substr(name, 2))
        else
            printf "%s", value_of(name)
    }
    print line
}

function put_file(path,    line, some) {
    while ((getline line <path) > 0) {
        put_line(line)
        some = 1
    }
    close(path)
    if (!some)
        fail(path ": cannot be read")
}

function put_script(    i) {
    print "import { define } from \"./base.js\";"
    print "define({"
    for (i = 1; i <= count; i++)
        if (order[i] ~ /^js\./ && (order[i] ~ /^js\.(audit|check|desk|figures|pending|reason|sms)\./) == (script == "desk"))
            printf "\"%s\":\"%s\",\n", substr(order[i], 4), escape_script(text[order[i]])
    print "});"
}

BEGIN {
    read_words()
    if (script)
        put_script()
    else
        put_file("web/parts/frame.html")
    exit failed
}
