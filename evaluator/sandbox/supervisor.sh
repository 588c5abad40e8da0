# The first process of every sandbox, ours: unpacks the files, runs the program, starts it again on SIGUSR1.
#
#     ARCHIVE COUNT WAITING… PROGRAM ARGUMENT…
#
# ARCHIVE is a tar file, `-` for standard input. COUNT words (none, mostly) are a command of ours that runs beside it,
# already before there are files. How often the program was started stands in the name of this process, for whoever
# looks from outside: no other process can write it. The exit status is the program's. What runs here may send SIGUSR1
# too, and harms only itself with it.

archive=$1 count=$2
shift 2
exec {messages}>&2 2>/dev/null # bash's own words about killed children do not belong in the log
exec {never}<> <(:)            # nothing is ever written there: reading it is a pause
set -m                         # else bash starts children with SIGINT ignored
ordered=
starts=0

start() { # with nothing of ours open
    for descriptor in /proc/self/fd/*; do
        descriptor=${descriptor##*/}
        ((descriptor > 2)) && eval "exec $descriptor>&-"
    done
    exec "$@"
}

end_everything() {
    ordered=yes
    local deadline=$((${EPOCHREALTIME//[.,]/} + 3000000)) # by the clock, for on a busy machine a pause takes longer
    kill -TERM -1
    while ((${EPOCHREALTIME//[.,]/} < deadline)); do
        kill -0 -1 || return
        read -rt 0.01 -u "$never"
    done
    kill -KILL -1
    while kill -0 -1; do
        read -rt 0.01 -u "$never"
    done
}

if ((count)); then
    start "${@:1:count}" </dev/null 2>&"$messages" &
    shift "$count"
fi
tar -xf "$archive" -C /app 2>&"$messages" || exit
exec </dev/null
trap end_everything USR1
while :; do
    start "$@" 2>&"$messages" &
    printf 'starts-%d' "$((++starts))" >/proc/$$/comm
    wait "$!"
    status=$?
    [[ $ordered ]] || exit "$status"
    ordered=
done
