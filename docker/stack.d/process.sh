# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with the files beside this one
# Processes of the native stack: started detached, found again by pid file, signalled as a whole.
# Each part says by `PART_mark` which argument only its own process carries.

pid_file() { printf '%s/run/%s.pid' "$state" "$1"; }

# A pid alone proves nothing: after a crash or a reboot the number may be somebody else's. So the process
# must carry the part's mark among its arguments. While it becomes another program (exec) it has none for a
# moment, and is looked at again; a zombie has none for good and counts as gone.
carries() { # PID ARGUMENT
    local pid=$1 arguments look
    [[ $pid =~ ^[0-9]+$ ]] || return 1
    for ((look = 0; look < 100; look++)); do
        arguments=$({ tr '\0' '\n' <"/proc/$pid/cmdline"; } 2>/dev/null) || return 1
        [[ -z $arguments ]] || break
        ! gone "$pid" || return 1
        sleep 0.01
    done
    grep -qxF -- "$2" <<<"$arguments"
}

pid_of() {
    local pid
    pid=$(cat "$(pid_file "$1")" 2>/dev/null) && carries "$pid" "$("$1_mark")" && printf '%s' "$pid"
}
running() { pid_of "$1" >/dev/null 2>&1; }

# spawn PART COMMAND…: detached from the terminal, the caller's pipes and every lock, or a
# `docker/stack up | cat` would never end and the locks never open.
spawn() {
    local part=$1 pid
    shift
    (
        for fd in /proc/self/fd/*; do
            fd=${fd##*/}
            ((fd <= 2)) || eval "exec $fd>&-"
        done
        cd /
        exec setsid "$@" </dev/null >>"$(log_of "$part")" 2>&1
    ) &
    pid=$!
    printf '%s\n' "$pid" >"$(pid_file "$part")"
    # Until exec the child still looks like this script; pid_of would not know it.
    while [[ -e /proc/$pid ]] && ! running "$part" && ! gone "$pid"; do sleep 0.01; done
}

# Gone, or a zombie that its parent has not collected.
gone() { [[ ! -e /proc/$1 ]] || grep -q '^State:\s*[ZX]' "/proc/$1/status" 2>/dev/null || [[ ! -e /proc/$1 ]]; }

paused() {
    local pid
    pid=$(pid_of "$1") && grep -q '^State:\s*T' "/proc/$pid/status" 2>/dev/null
}

# A process and everything below it: PostgreSQL has a process per connection, Erlang its helpers.
family() {
    ps -e -o pid=,ppid= | awk -v root="$1" '
        { parent[$1] = $2 }
        END {
            for (pid in parent) {
                for (up = pid; up in parent && up != root && up > 1; up = parent[up]);
                if (up == root) print pid
            }
        }'
}

signal() { # SIGNAL PID…
    local name=$1
    shift
    [[ $# -eq 0 ]] || kill "-$name" "$@" 2>/dev/null || true
}

# The parent first: once it stands still nothing new is born below it.
pause_process() {
    local pid=$1 members
    signal STOP "$pid"
    mapfile -t members < <(family "$pid")
    signal STOP "${members[@]}"
}

resume_process() {
    local members
    mapfile -t members < <(family "$1")
    signal CONT "${members[@]}"
}

kill_process() {
    local pid=$1 members
    signal STOP "$pid"
    mapfile -t members < <(family "$pid")
    signal KILL "${members[@]}"
    wait_gone 10 "${members[@]}"
}

wait_gone() { # SECONDS PID…
    local until pid
    until=$(($(now_ms) + $1 * 1000))
    shift
    for pid; do
        until gone "$pid"; do
            (($(now_ms) < until)) || return 1
            sleep 0.05
        done
    done
}

# stop_process SIGNAL SECONDS PID: in good order, and by force if that takes too long.
stop_process() {
    local name=$1 limit=$2 pid=$3 members
    resume_process "$pid" # a stopped process would not hear of it
    mapfile -t members < <(family "$pid")
    signal "$name" "$pid"
    wait_gone "$limit" "${members[@]}" && return
    note "process $pid did not stop within $limit s: killed"
    signal KILL "${members[@]}"
    wait_gone 10 "${members[@]}"
    return 1
}
