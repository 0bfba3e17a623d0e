# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with the files beside this one
# PostgreSQL: data directory of its own, TCP on 127.0.0.1 only. There is no Unix socket: its path may not
# exceed 107 bytes, and state directories do.

# The server refuses to run as root; then the package's own user runs it.
as_postgres() { if is_root; then (cd / && exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"); else "$@"; fi; }

# The directory of the binaries. Existing data must be served by the major version that made it.
postgres_bin() {
    local dir version have_data=''
    have_data=$(cat "$state/postgres/data/PG_VERSION" 2>/dev/null) || true
    while read -r dir; do
        version=${dir#/usr/lib/postgresql/}
        version=${version%/bin}
        [[ $version =~ ^[0-9]+$ && $version -ge 15 && -x $dir/postgres && -x $dir/initdb ]] || continue
        if [[ -z $have_data || $have_data == "$version" ]]; then
            printf '%s' "$dir"
            return
        fi
    done < <(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV)
    return 1
}

# Where the data is. A state directory that the user postgres cannot reach (below /root, say) holds only a
# link to a place that it can.
postgres_elsewhere() { printf '/var/tmp/happening-%s-%s' "$EUID" "$(printf '%s' "$state" | sha256sum | cut -c1-16)"; }
postgres_data() { printf '%s/data' "$(realpath -m -- "$state/postgres")"; }

postgres_make_home() {
    local home=$state/postgres
    if is_root && ! as_postgres test -x "$state"; then
        home=$(postgres_elsewhere)
        # Whatever is there belongs to a state directory that somebody has removed.
        postgres_end_orphan "$home/data"
        rm -rf -- "$home"
        ln -sfn -- "$home" "$state/postgres"
    fi
    mkdir -m 700 -- "$home"
    ! is_root || chown postgres: -- "$home"
}

# A server that still runs on this data although our pid file is gone; and the server's own pid file after a crash,
# which would stop it from starting if the number is another process's by now.
postgres_end_orphan() {
    local pid
    pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null) || return 0
    ! carries "$pid" "$1" || kill_process "$pid"
    rm -f -- "$1/postmaster.pid"
}

postgres_mark() { postgres_data; }
postgres_limit() { echo 60; }
postgres_address() { printf '127.0.0.1:%s' "$(port_of postgres)"; }
postgres_url() { printf 'postgres://happening:happening@127.0.0.1:%s/happening' "$(port_of postgres)"; }

postgres_prepare() {
    local bin data
    [[ -d $state/postgres ]] || postgres_make_home
    data=$(postgres_data)
    if [[ -d $data ]]; then
        postgres_end_orphan "$data"
        return
    fi
    bin=$(postgres_bin)
    # Under another name until it is complete, so that a half-made directory is never taken for data. --no-sync spares
    # syncing a thousand files that are all still empty of anybody's data.
    as_postgres rm -rf -- "$data.new"
    {
        as_postgres "$bin/initdb" --pgdata="$data.new" --username=postgres --auth=trust \
            --encoding=UTF8 --locale=C.UTF-8 --no-sync
        # CREATEDB, so that tests can make databases of their own, and checkpoints, so that the benchmark can wait for the disk;
        # not a superuser, so that nothing comes to depend on it.
        printf '%s\n' "CREATE ROLE happening LOGIN CREATEDB PASSWORD 'happening'" \
            'GRANT pg_checkpoint TO happening' \
            'CREATE DATABASE happening OWNER happening' "ALTER ROLE postgres PASSWORD 'postgres'" |
            as_postgres "$bin/postgres" --single -D "$data.new" postgres
        echo 'host all all 127.0.0.1/32 scram-sha-256' | as_postgres tee "$data.new/pg_hba.conf"
        as_postgres mv -- "$data.new" "$data"
    } >>"$(log_of postgres)" 2>&1
}

postgres_launch() {
    local as=()
    require_free postgres
    ! is_root || as=(setpriv --reuid=postgres --regid=postgres --init-groups --)
    # fsync and synchronous_commit are the defaults; said here because the project's figures rest on them.
    spawn postgres "${as[@]}" "$(postgres_bin)/postgres" -D "$(postgres_data)" -p "$(port_of postgres)" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300 \
        -c fsync=on -c synchronous_commit=on \
        -c timezone=UTC -c log_timezone=UTC -c "log_line_prefix=%m [%p] "
}

postgres_ready() {
    PGCONNECT_TIMEOUT=3 timeout 5 "$(postgres_bin)/psql" -X -At -c 'SELECT 1' "$(postgres_url)" >/dev/null 2>&1
}

# SIGINT is PostgreSQL's fast shutdown: clients are sent away, data is flushed.
postgres_halt() { stop_process INT 60 "$1"; }

postgres_wipe() {
    local home
    home=$(realpath -m -- "$state/postgres")
    rm -rf -- "$home/data" "$home/data.new"
}

postgres_env() {
    local pgbench
    pgbench=$(postgres_bin)/pgbench
    [[ -x $pgbench ]] || pgbench=$(command -v pgbench || true)
    export_line DATABASE_URL "$(postgres_url)"
    export_line PGBENCH "$pgbench"
}
