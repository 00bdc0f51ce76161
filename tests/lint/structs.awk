# SPDX-License-Identifier: EUPL-1.2
# Fields of structs: a struct or union with more than `max` of them is several things in one. A nested struct counts as
# one field of the outer struct, and has its own fields counted too; `int a, b;` has two fields.
# Usage: awk -v max=24 -f structs.awk FILE...

# Code without comments, strings and character constants, in which braces and commas mean nothing.
function plain_code(text,    out, at, end) {
    out = ""
    while (length(text) > 0) {
        if (in_comment) {
            end = index(text, "*/")
            if (end == 0) return out
            text = substr(text, end + 2)
            in_comment = 0
        }
        if (!match(text, /\/\*|\/\/|"([^"\\]|\\.)*"|'([^'\\]|\\.)*'/)) return out text
        out = out substr(text, 1, RSTART - 1)
        at = substr(text, RSTART, 2)
        if (at == "//") return out
        if (at == "/*") {
            in_comment = 1
            text = substr(text, RSTART + 2)
        } else
            text = substr(text, RSTART + RLENGTH)
    }
    return out
}

function end_struct() {
    if (fields[depth] > max) print where[depth] ": struct " name[depth] " has " fields[depth] " fields, over " max
}

FNR == 1 {
    depth = 0
    in_comment = 0
    head = ""
}

/^[ \t]*#/ && !in_comment { next }

{
    line = plain_code($0)
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        if (c == "{") {
            depth++
            parens[depth] = 0
            is_struct[depth] = head ~ /(^|[^a-z_0-9])(struct|union)( +[A-Za-z_0-9]+)? *$/
            name[depth] = head
            sub(/ *$/, "", name[depth])
            sub(/.*(struct|union) ?/, "", name[depth])
            if (name[depth] == "") name[depth] = "without a name"
            where[depth] = FILENAME ":" FNR
            fields[depth] = 0
            head = ""
        } else if (c == "}") {
            if (is_struct[depth]) end_struct()
            depth--
            head = "}"
        } else if (c == ";") {
            if (is_struct[depth] && parens[depth] == 0) fields[depth]++
            head = ""
        } else if (c == "," && is_struct[depth] && parens[depth] == 0) {
            fields[depth]++
        } else {
            if (c == "(" || c == "[") parens[depth]++
            if (c == ")" || c == "]") parens[depth]--
            head = head c
        }
    }
    head = head " "
}
