# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with the files beside this one
# Redis: a cache in front of the truth, so nothing of it is kept. Killed and started again it is empty.

redis_mark() { printf '%s/redis' "$state"; }
redis_limit() { echo 30; }
redis_address() { printf '127.0.0.1:%s' "$(port_of redis)"; }

redis_prepare() { mkdir -p "$state/redis"; }

redis_launch() {
    local dump=$state/redis/dump.rdb
    require_free redis
    # Without its own process title the arguments stay readable, by which it is found again.
    spawn redis "$(command -v redis-server)" --bind 127.0.0.1 --port "$(port_of redis)" --dir "$state/redis" \
        --save '' --appendonly no --daemonize no --set-proc-title no
    # A dump exists only if a test asked for one with SAVE, to restart from an old dump. It serves this one start; the
    # next is empty again.
    [[ ! -e $dump ]] || { await_part redis; rm -f -- "$dump"; }
}

redis_ready() {
    local answer
    answer=$({
        exec 3<>"/dev/tcp/127.0.0.1/$(port_of redis)"
        printf 'PING\r\n' >&3
        IFS= read -r -t 3 answer <&3
        printf '%s' "$answer"
    } 2>/dev/null) || return 1
    [[ $answer == +PONG* ]]
}

redis_halt() { stop_process TERM 20 "$1"; }
redis_wipe() { rm -rf -- "$state/redis"; }
redis_env() { export_line REDIS_URL "redis://$(redis_address)"; }
