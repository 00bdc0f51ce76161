# SPDX-License-Identifier: EUPL-1.2
# Counts the comments of C sources whose first word is a pronoun, and lists them when their share reaches the limit.
# Usage: awk -v percent=2 -f comments.awk FILE...
BEGIN {
    split("this these that those it they he one what which whoever whatever nobody somebody", words, " ")
    for (i in words) is_pronoun[words[i]] = 1
}

# The text of a comment may begin in the line after its opening.
is_open && match($0, /[^ \t*]/) { count(substr($0, RSTART)); is_open = 0 }

{
    rest = $0
    while (match(rest, /\/\*+[ \t]*/)) {
        rest = substr(rest, RSTART + RLENGTH)
        if (rest == "") is_open = 1
        else count(rest)
        if (!match(rest, /\*\//)) break
        rest = substr(rest, RSTART + 2)
    }
}

function count(text,    word) {
    if (text ~ /^SPDX/) return
    total++
    word = tolower(text)
    sub(/[^a-z_0-9-].*/, "", word)
    if (word in is_pronoun) found[++bad] = FILENAME ":" FNR ": " text
}

END {
    if (bad == 0 || bad * 100 < total * percent) exit
    printf "%d of %d comments begin with a pronoun, %d %% or more:\n", bad, total, percent
    for (i = 1; i <= bad; i++) print found[i]
}
