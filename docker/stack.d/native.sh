# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with the files beside this one
# The commands, without Docker. Every part is handled under a lock of its own, so that calls may overlap:
# two `up` at once, or a `pause redis` while somebody else waits for `start postgres`.
#
# A part PART is these functions: PART_mark, PART_prepare (fetch, make data), PART_launch (spawn),
# PART_ready (does it answer?), PART_limit (seconds to wait for that), PART_halt PID, PART_wipe,
# PART_address and PART_env.

any_running() {
    local part
    for part in "${all_parts[@]}" epmd; do
        ! running "$part" || return 0
    done
    return 1
}

# each FUNCTION PART…: side by side; fails if one of them fails.
each() {
    local run=$1 part pid pids=() failed=0
    shift
    for part; do
        "$run" "$part" &
        pids+=($!)
    done
    # Children in the background do not hear of Ctrl-C by themselves.
    trap 'kill "${pids[@]}" 2>/dev/null || true; exit 130' INT
    trap 'kill "${pids[@]}" 2>/dev/null || true; exit 143' TERM
    for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
    [[ $failed -eq 0 ]] || exit 1
}

# Held until this subshell ends. The parts themselves never inherit it: see spawn.
lock_part() {
    mkdir -p "$state/run" "$state/log"
    exec 9>"$state/run/$1.lock"
    flock 9
}

up_part() {
    lock_part "$1"
    begin_part "$1"
}

begin_part() {
    local part=$1 began pid
    began=$(now_ms)
    open_log "$part"
    if paused "$part"; then
        resume_process "$(pid_of "$part")"
    elif running "$part" && "${part}_ready"; then
        touch "$state/run/$part.up"
        say "$(printf '%-9s already up         %s' "$part" "$("${part}_address")")"
        return
    fi
    if ! running "$part"; then
        ensure_packages "$part"
        # shellcheck disable=SC2064 # the part is meant to be expanded now
        trap "show_log $part; note '$part could not be prepared'" EXIT
        "${part}_prepare"
        trap - EXIT
        "${part}_launch"
    fi
    touch "$state/run/$part.up"
    await_part "$part"
    say "$(printf '%-9s ready in %-9s %s' "$part" "$(seconds_since "$began")" "$("${part}_address")")"
}

await_part() {
    local part=$1 until
    until=$(($(now_ms) + $("${part}_limit") * 1000))
    until "${part}_ready"; do
        if ! running "$part"; then
            show_log "$part"
            fail "$part ended before it was ready"
        elif (($(now_ms) > until)); then
            show_log "$part"
            fail "$part did not answer within $("${part}_limit") s"
        fi
        sleep 0.1
    done
}

halt_part() {
    local part=$1 began pid
    began=$(now_ms)
    if pid=$(pid_of "$part"); then
        "${part}_halt" "$pid" || true
        say "$(printf '%-9s stopped in %s' "$part" "$(seconds_since "$began")")"
    fi
    rm -f "$(pid_file "$part")"
    [[ $part != rabbitmq ]] || halt_epmd
}

stop_part() {
    lock_part "$1"
    halt_part "$1"
}

down_part() {
    stop_part "$1"
    rm -f "$state/run/$1.up"
}

# What is thrown away need not be put in order first.
reset_part() {
    local pid
    lock_part "$1"
    if pid=$(pid_of "$1"); then kill_process "$pid"; fi
    "${1}_wipe"
    begin_part "$1"
}

kill_part() {
    local pid
    lock_part "$1"
    pid=$(pid_of "$1") || fail "$1 is not running"
    kill_process "$pid"
}

pause_part() {
    local pid
    lock_part "$1"
    pid=$(pid_of "$1") || fail "$1 is not running"
    pause_process "$pid"
}

resume_part() {
    local pid
    lock_part "$1"
    pid=$(pid_of "$1") || fail "$1 is not running"
    resume_process "$pid"
}

native_up() {
    wanted_parts=("$@")
    choose_ports
    each up_part "$@"
}

native_reset() {
    wanted_parts=("$@")
    [[ -s $state/ports ]] || choose_ports
    each reset_part "$@"
}

native_down() {
    [[ -d $state ]] || return 0
    each down_part "$@"
    rm -f "$state/engine"
}

native_start() {
    wanted_parts=("$@")
    [[ -s $state/ports ]] || fail 'this stack has never been up: docker/stack up'
    each up_part "$@"
}

native_stop() { each stop_part "$@"; }
native_kill() { each kill_part "$@"; }
native_pause() { each pause_part "$@"; }
native_resume() { each resume_part "$@"; }

part_state() {
    if ! running "$1"; then
        echo down
    elif paused "$1"; then
        echo paused
    elif "$1_ready"; then
        echo up
    else
        echo starting
    fi
}

native_status() {
    local part what address code=0
    local row='%-9s  %-8s  %-22s  %-7s  %s\n'
    # shellcheck disable=SC2059 # the row's format is ours
    printf "$row" PART STATE ADDRESS PID LOG
    for part; do
        what=$(part_state "$part")
        [[ $what == up ]] || code=3
        address=-
        [[ -z $(port_of "$part") ]] || address=$("${part}_address")
        # shellcheck disable=SC2059
        printf "$row" "$part" "$what" "$address" "$(pid_of "$part" || echo -)" "$(log_of "$part")"
    done
    exit "$code"
}

# Only parts that were brought up are named, so that a stack of PostgreSQL alone leaves the daemon its
# embedded defaults for the rest. A part that a fault test has taken down meanwhile stays named.
native_env() {
    local part
    any_running || fail 'the stack is not up: docker/stack up'
    for part; do
        [[ ! -e $state/run/$part.up ]] || "${part}_env"
    done
    export_line HAPPENING_STACK_DIR "$state"
}
