# SPDX-License-Identifier: EUPL-1.2
# Names of functions: is_, has_ and can_ begin a predicate, which returns bool; a name of one word tells too little
# where more than two files have a static function of it, and few functions may have one at all.
# Usage: awk -v permille=7 -f names.awk FILE... (sources in the house format: a definition begins its line)
/^[a-z][a-z_0-9 ]*[ *]+[a-z_0-9]+\(/ && !/^(return|else|typedef) / && !/;$/ {
    name = $0
    sub(/\(.*/, "", name)
    type = name
    sub(/.*[ *]/, "", name)
    sub(/[a-z_0-9]+$/, "", type)
    total++
    if (name ~ /(^|_)(is|has|can)_/ && type !~ /(^| )bool $/)
        print FILENAME ": " name "() is named as a predicate and returns " type
    if (type ~ /^static / && name !~ /_/ && !((name, FILENAME) in seen)) {
        seen[name, FILENAME] = 1
        files[name]++
        short++
        where[name] = where[name] " " FILENAME
    }
}

END {
    for (name in files)
        if (files[name] > 2) print name "() is a static function of" where[name]
    if (short > 1 && short * 1000 >= total * permille) {
        printf "%d of %d functions have a name of one word, %d in 1000 or more:\n", short, total, permille
        for (name in files) print "  " name "()" where[name]
    }
}
