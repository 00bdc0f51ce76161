# SPDX-License-Identifier: EUPL-1.2
# shellcheck shell=bash
# What bash completes for the programs of contraclaved. They tell it themselves: contraclavectl --ordenes, and --help.

_contraclaved_options() {
    mapfile -t COMPREPLY < <("$1" --help 2>/dev/null | grep -oE -- '^ {2,6}(-c, )?--[a-z-]+' | grep -oE -- '--[a-z-]+' |
        grep -- "^$2")
}

_contraclaved_files() { mapfile -t COMPREPLY < <(compgen -f -- "$1"); }

# _contraclavectl_next WORD...: what may follow these words of an order, a line each: words, options, <fichero>.
_contraclavectl_next() {
    "${COMP_WORDS[0]}" --ordenes 2>/dev/null | awk -v typed="$*" '
        BEGIN { count = split(typed, words, " ") }
        {
            own = 0
            while (own < NF && $(own + 1) ~ /^[a-z]/) own++
            for (i = 1; i <= count && i <= own; i++) if ($i != words[i]) next
            if (count < own) print $(count + 1)
            else if (count == own || count == own + 1 && /</)
                for (i = own + 1; i <= NF; i++) if (count == own || $i !~ /^</) print $i
        }'
}

_contraclavectl() {
    local cur=$2 prev=$3 word words=() taken=' ' skip='' i
    case "$prev" in
    -c | --config | --fichero | --privada | --publica) _contraclaved_files "$cur"; return ;;
    --rol) mapfile -t COMPREPLY < <(compgen -W 'lector registro supervisor tecnico auditor administrador' -- "$cur"); return ;;
    --idioma) mapfile -t COMPREPLY < <(compgen -W 'es ca eu gl en' -- "$cur"); return ;;
    --via) mapfile -t COMPREPLY < <(compgen -W 'presencial telefono' -- "$cur"); return ;;
    esac
    local valued
    valued=" -c --config $("${COMP_WORDS[0]}" --ordenes 2>/dev/null | grep -oE -- '--[a-z0-9-]+=' | tr -d = | sort -u | tr '\n' ' ')"
    if [[ "$valued" = *" $prev "* ]]; then return; fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [ -n "$skip" ]; then skip=''; continue; fi
        case "$word" in
        -*) taken+="$word "; if [[ "$valued" = *" $word "* ]]; then skip=1; fi ;;
        *) words+=("$word") ;;
        esac
    done
    while read -r word; do
        case "$word" in
        '<fichero>') if [[ "$cur" != -* ]]; then while read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$cur"); fi ;;
        '<'*) ;;
        *) word=${word%=}; if [[ "$word" = "$cur"* && "$taken" != *" $word "* ]]; then COMPREPLY+=("$word"); fi ;;
        esac
    done < <(_contraclavectl_next "${words[@]}" | sort -u)
    if [ "${#words[@]}" = 0 ] && [[ "$cur" = -* ]]; then _contraclaved_options "${COMP_WORDS[0]}" "$cur"; fi
}

_contraclaved() {
    case "$3" in
    -c | --config | --link | --unix | --scenario | --control | --log | --ask) _contraclaved_files "$2" ;;
    --personality) mapfile -t COMPREPLY < <(compgen -W 'generic quectel simcom huawei huawei-lte zte wavecom' -- "$2") ;;
    *) _contraclaved_options "${COMP_WORDS[0]}" "$2" ;;
    esac
}

complete -F _contraclavectl contraclavectl
complete -F _contraclaved contraclaved simmodem
