# SPDX-License-Identifier: EUPL-1.2
# Makes a catalogue of the problems into C. Variables: words (the catalogue), model (the Spanish one), table (err.inc).
# An error without a sentence, a sentence that the model lacks or the other way round, and a sentence whose {words}
# are not the model's end the build.

function fail(why) {
    print "problems: " why >"/dev/stderr"
    failed = 1
    exit 1
}

function escape_text(text) {
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    return text
}

# Whether two sentences have the same {words}, in whatever order.
function has_same_words(a, b,    word, count) {
    while (match(a, /\{[^}]*\}/)) {
        count[substr(a, RSTART, RLENGTH)]++
        a = substr(a, RSTART + RLENGTH)
    }
    while (match(b, /\{[^}]*\}/)) {
        count[substr(b, RSTART, RLENGTH)]--
        b = substr(b, RSTART + RLENGTH)
    }
    for (word in count)
        if (count[word] != 0)
            return 0
    return 1
}

function read_catalogue(path, ret,    line, at, name) {
    while ((getline line <path) > 0) {
        if (line ~ /^ *(#|$)/)
            continue
        at = index(line, " = ")
        name = substr(line, 1, at - 1)
        if (at == 0 || line ~ / $/ || name in ret)
            fail(path ": no \" = \", a space at the end, or a name for the second time: " line)
        ret[name] = substr(line, at + 3)
        order[path, ++count[path]] = name
    }
    close(path)
}

function compare_catalogues(    name) {
    for (name in model_of)
        if (!(name in text))
            fail(words ": no text for " name)
    for (name in text)
        if (!(name in model_of))
            fail(words ": " name " is not in " model)
        else if (!has_same_words(text[name], model_of[name]))
            fail(words ": " name " has not the {words} of " model)
}

function put_errors(    line, part) {
    while ((getline line <table) > 0) {
        if (line !~ /^ERR_ROW\(/)
            continue
        split(line, part, /[(", ]+/)
        if (!(part[3] in text))
            fail(words ": no text for " part[3])
        printf "ERR_TEXT(%s, \"%s\")\n", part[2], escape_text(text[part[3]])
        delete text[part[3]]
    }
    close(table)
}

function put_phrases(    i, name) {
    for (i = 1; i <= count[words]; i++) {
        name = order[words, i]
        if (!(name in text))
            continue
        if (name !~ /^phrase\./)
            fail(words ": " name " is no error of " table)
        printf "PHRASE_TEXT(%s, \"%s\")\n", toupper(substr(name, 8)), escape_text(text[name])
    }
}

BEGIN {
    read_catalogue(model, model_of)
    count[words] = 0
    read_catalogue(words, text)
    compare_catalogues()
    put_errors()
    put_phrases()
    exit failed
}
