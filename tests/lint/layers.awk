# SPDX-License-Identifier: EUPL-1.2
# Who includes whom: layers.txt (rooms) and headers.txt (libraries) first, then the C files.

function room_of(path, parts) {
    split(path, parts, "/")
    return parts[1] == "src" ? parts[2] : parts[1]
}

# A shell pattern with only * as a regular expression.
function matches(path, pattern) {
    gsub(/\./, "\\.", pattern)
    gsub(/\*/, "[^/]*", pattern)
    return path ~ ("^" pattern "$")
}

function check_room(header, from, to) {
    from = room_of(FILENAME)
    to = header
    if (!sub(/\/.*/, "", to) || header ~ /\.\./)
        print FILENAME ":" FNR ": write it as \"room/file.h\": " header
    else if (from != to && !((from, to) in may_include))
        print FILENAME ":" FNR ": " from " may not include " to ": " header
    else if (from != to && header ~ /(private|core|_internal|_row)\.h$/)
        print FILENAME ":" FNR ": private to " to ": " header
    else if (from ~ /^(gsm|domain)$/ && header ~ /^base\/(log|loop|clock|child|fsx|secret)\.h$/)
        print FILENAME ":" FNR ": " from " is pure, and may not include " header
}

# "modem/job" of src/modem/job/sms.c and of modem/job/job.h; "" of a file right in its room, but for
# core.c and core.h, which are a group of their own.
function group_of(path, parts, count) {
    sub(/^src\//, "", path)
    if (sub(/\/core\.[ch]$/, "/core", path))
        return path
    count = split(path, parts, "/")
    return count > 2 ? parts[1] "/" parts[2] : ""
}

# A group of a room opens its own private headers alone, and where layers.txt has a line for the
# group, the groups named there. Files right in the room tie the groups together.
function check_group(header, from, to) {
    from = group_of(FILENAME)
    to = group_of(header)
    if (from == to || to == "")
        return
    if (header ~ /private\.h$/)
        print FILENAME ":" FNR ": private to " to ": " header
    else if (from in has_line && !((from, to) in may_include))
        print FILENAME ":" FNR ": from " from " may not include " to ": " header
}

function check_library(header, key, i, count, patterns) {
    for (key in files_for) {
        if (header != key && !(key ~ /\/$/ && index(header, key) == 1))
            continue
        count = split(files_for[key], patterns, " ")
        for (i = 1; i <= count; i++)
            if (matches(FILENAME, patterns[i]))
                return
        print FILENAME ":" FNR ": <" header "> belongs to " files_for[key]
    }
}

/^#/ && FILENAME ~ /\.txt$/ { next }

FILENAME ~ /layers\.txt$/ {
    room = substr($1, 1, length($1) - 1)
    has_line[room] = 1
    for (i = 2; i <= NF; i++)
        may_include[room, $i] = 1
    next
}

FILENAME ~ /headers\.txt$/ {
    files_for[substr($1, 1, length($1) - 1)] = substr($0, length($1) + 2)
    next
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, quoted, "\"")
    check_room(quoted[2])
    check_group(quoted[2])
}

/^[ \t]*#[ \t]*include[ \t]*</ {
    split($0, quoted, /[<>]/)
    check_library(quoted[2])
}
