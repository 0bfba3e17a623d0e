# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with the files beside this one
# Where things are, and how to speak. Sourced first by docker/stack.

state=$(realpath -m -- "${HAPPENING_STACK_DIR:-$docker_dir/../.stack}")
cache=$(realpath -m -- "${HAPPENING_STACK_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/happening}")

# Names and passwords of a development stack on the loopback interface. Nothing real hides behind them;
# compose.yml and keycloak/realm-happening.json say the same.
keycloak_admin_username='admin'
keycloak_admin_password='admin'
keycloak_client_secret=happening-server-dev-secret

say() { printf '%s\n' "$*"; }
note() { printf 'stack: %s\n' "$*" >&2; }
fail() {
    note "$*"
    exit 1
}

now_ms() { printf '%s' "$((${EPOCHREALTIME/[.,]/} / 1000))"; }
seconds_since() {
    local ms=$(($(now_ms) - $1))
    printf '%d.%d s' $((ms / 1000)) $((ms % 1000 / 100))
}

is_root() { [[ $EUID -eq 0 ]]; }
have() { command -v "$1" >/dev/null 2>&1; }

log_of() { printf '%s/log/%s.log' "$state" "$1"; }

# Logs are appended to, so that what led to a crash is still there after the next start; past 20 MB one
# older file is kept. `log_start` is where this start's own lines begin.
open_log() {
    local log
    log=$(log_of "$1")
    [[ ! -e $log || $(stat -c %s "$log") -lt 20000000 ]] || mv -f "$log" "$log.1"
    touch "$log"
    log_start=$(stat -c %s "$log")
}

show_log() {
    local lines
    lines=$(tail -c "+$((${log_start:-0} + 1))" "$(log_of "$1")" | tail -n 30)
    [[ -z $lines ]] || note "the end of $(log_of "$1"):"$'\n'"$lines"
}

# One export line, in a form that any POSIX shell reads back unharmed.
export_line() { printf "export %s='%s'\n" "$1" "${2//\'/\'\\\'\'}"; }

# docker or native. A stack that was started one way is also looked after and stopped that way, even if an
# engine has come or gone since.
choose_engine() {
    local recorded
    recorded=$(cat "$state/engine" 2>/dev/null || true)
    case ${HAPPENING_STACK_ENGINE:-$recorded} in
        docker | native) printf '%s' "${HAPPENING_STACK_ENGINE:-$recorded}" ;;
        '')
            if [[ $1 == up || $1 == reset || $1 == start ]] && docker_answers; then printf docker; else printf native; fi
            ;;
        *) fail 'HAPPENING_STACK_ENGINE is docker or native' ;;
    esac
}

docker_answers() {
    have docker &&
        timeout 10 docker info --format '{{.ServerVersion}}' >/dev/null 2>&1 &&
        docker compose version >/dev/null 2>&1
}
