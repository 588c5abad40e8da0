#!/bin/bash
# Stands in for an interpreter, or for a script that it runs, in a pre-warmed sandbox: asks the zygote to become the
# program, then lives and dies as that does. Whatever the zygote does not take is started as if we were not here.

name=${0##*/}
if { exec {zygote}<>/dev/tcp/127.0.0.1/@PORT@; } 2>/dev/null; then
    echo "$$ $zygote" >&"$zygote"
    read -ru "$zygote" answer program
fi
if [[ $answer != taken ]]; then
    [[ $zygote ]] && exec {zygote}>&-
    PATH=${PATH/"${0%/*}:"/}
    exec -a "$name" "$(type -P "$name")" "$@"
fi
for signal in HUP INT QUIT TERM USR1 USR2 ALRM CONT WINCH; do
    # shellcheck disable=SC2064 # the names of now are meant
    trap "kill -s $signal $program" "$signal"
done
until read -ru "$zygote" ended number; do
    (($? > 128)) || exit 137 # no answer will come: the zygote was killed, and the program with it
done
if [[ $ended == killed ]]; then
    trap - "$number"
    kill -s "$number" $$
    number=$((128 + number))
fi
exit "$number"
