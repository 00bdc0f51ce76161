# SPDX-License-Identifier: EUPL-1.2
# Reads the files of the pages on its input, one "HASH PATH" a line (b2sum), and writes assets.S with
# their bytes, plain and gzipped, and the rows of assets.inc that http/assets.c knows them by:
# ASSET(number, path, language or "", suffix, hash, Link header or ""). Variables: source, table (files to write), web (folder).

function put_bytes(label, file) {
    printf "    .globl %s\n    .hidden %s\n%s:\n    .incbin \"%s\"\n    .globl %s_end\n    .hidden %s_end\n%s_end:\n",
           label, label, label, file, label, label, label >source
}

BEGIN {
    print "/* SPDX-License-Identifier: EUPL-1.2 */\n/* Made by web/embed.awk. */" >source
    print "#ifdef __CET__\n#include <cet.h>\n#endif\n    .section .rodata" >source
    print "/* SPDX-License-Identifier: EUPL-1.2 */\n/* Made by web/embed.awk. */" >table
}

# A page is NAME.LANG.html and is served as /NAME, the contract openapi.json beside the routes; anything else as FILE of
# the folder `web`.
function path_of(name, part, parts) {
    if (part[parts] == "html")
        return "/" part[1]
    return (part[parts] == "json" ? "/v1" : web) "/" name
}

# The Link header (RFC 8288) of a page: what its <link rel="preload"> lines name, so that a browser asks for it with the
# answer's head, before it reads the page.
function links_of(file, line, links) {
    while ((getline line <file) > 0)
        if (match(line, /^<link rel="preload" as="fetch" href="[^"]*" crossorigin>$/))
            links = links (links ? ", " : "") "<" substr(line, 38, RLENGTH - 51) ">; rel=preload; as=fetch; crossorigin"
    close(file)
    return links
}

{
    name = $2
    sub(/.*\//, "", name)
    parts = split(name, part, ".")
    is_page = part[parts] == "html"
    printf "ASSET(%d, \"%s\", \"%s\", \"%s\", \"%s\", \"%s\")\n", NR, path_of(name, part, parts),
           is_page ? part[2] : "", part[parts], $1, is_page ? links_of($2) : "" >table
    put_bytes("asset_plain_" NR, $2)
    put_bytes("asset_gzip_" NR, $2 ".gz")
}

END {
    print "    .section .note.GNU-stack, \"\", %progbits" >source
}
