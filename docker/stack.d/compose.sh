# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with the files beside this one
# The commands by way of a Docker engine: compose.yml does the work, with the ports of the contract.

compose() { docker compose -f "$docker_dir/compose.yml" "$@"; }

docker_up() { compose up -d --wait --wait-timeout 300 "$@"; }
docker_down() {
    compose --profile app down
    rm -f "$state/engine"
}
docker_reset() {
    if [[ $# -eq ${#all_parts[@]} ]]; then
        compose --profile app down --volumes
    else
        local part
        compose rm --stop --force --volumes "$@"
        # An anonymous volume goes with its container, a named one does not.
        for part; do docker volume rm -f "happening_$part" >/dev/null; done
    fi
    docker_up "$@"
}
docker_start() {
    compose unpause "$@" 2>/dev/null || true
    docker_up "$@"
}
docker_stop() { compose stop "$@"; }
docker_kill() { compose kill "$@"; }
docker_pause() { compose pause "$@"; }
docker_resume() { compose unpause "$@"; }

docker_status() {
    local part container what health code=0
    printf '%-9s  %-10s  %s\n' PART STATE LOG
    for part; do
        container=$(compose ps --all --quiet "$part")
        what=down
        if [[ -n $container ]]; then
            read -r what health < <(docker inspect --format '{{.State.Status}} {{.State.Health.Status}}' "$container")
            [[ $what != running ]] || what=$([[ $health == healthy ]] && echo up || echo starting)
        fi
        [[ $what == up ]] || code=3
        printf '%-9s  %-10s  %s\n' "$part" "$what" "docker compose -f $docker_dir/compose.yml logs $part"
    done
    exit "$code"
}

# As in native_env: the parts that were brought up, also while a fault test has one of them down.
docker_env() {
    local part services
    services=$(compose ps --services --status running --status paused) || fail 'docker compose does not answer'
    [[ -n $services ]] || fail 'the stack is not up: docker/stack up'
    services=$(compose ps --services --all)
    for part in "${all_parts[@]}"; do
        grep -qx "$part" <<<"$services" || continue
        case $part in
            postgres)
                export_line DATABASE_URL postgres://happening:happening@127.0.0.1:5432/happening
                export_line PGBENCH "$(command -v pgbench || true)"
                ;;
            redis) export_line REDIS_URL redis://127.0.0.1:6379 ;;
            rabbitmq)
                export_line RABBITMQ_URL amqp://happening:happening@127.0.0.1:5672/%2f
                export_line RABBITMQ_MANAGEMENT_URL http://127.0.0.1:15672
                ;;
            keycloak) keycloak_env http://localhost:8080 ;;
        esac
    done
    export_line HAPPENING_STACK_DIR "$state"
}
