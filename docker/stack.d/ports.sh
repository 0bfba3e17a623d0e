# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with the files beside this one
# Ports of the native stack: chosen once, kept in the state directory, so that an address lasts over
# restarts and a daemon under test finds a part again after a fault.

# Below 32768 on purpose: there the kernel takes the local ports of outgoing connections from. While a part
# is down for a test, a client that retries it could otherwise be given the part's own port as its local
# one: it would connect to itself, and the part could not start again.
port_preferences=(
    postgres=21432 redis=21379
    rabbitmq=21672 rabbitmq_management=21673 rabbitmq_distribution=21674 rabbitmq_epmd=21369
    keycloak=21080 keycloak_management=21081
)

port_of() { sed -n "s/^$1=//p" "$state/ports" 2>/dev/null || true; }

# Somebody listens there, on IPv4 or IPv6.
port_taken() { (exec 3<>"/dev/tcp/localhost/$1") 2>/dev/null; }

# A claim keeps two stacks that start at the same moment apart: neither listens yet. It is void once that
# stack's own list does not name the port any more.
port_claimed() {
    local owner
    owner=$(cat "$cache/ports/$1" 2>/dev/null) || return 1
    [[ $owner != "$state" ]] && grep -qs "=$1\$" "$owner/ports"
}

# free_port FIRST TAKEN: the first free one from FIRST upwards that is not in the list TAKEN.
free_port() {
    local port
    for ((port = $1; port < $1 + 4000; port += 20)); do
        if [[ " $2 " != *" $port "* ]] && ! port_claimed "$port" && ! port_taken "$port"; then
            printf '%s' "$port"
            return
        fi
    done
    fail "no free port found from $1 upwards"
}

choose_ports() {
    local preference name port chosen='' lines=''
    # While anything of this stack runs its ports stay as they are.
    if [[ -s $state/ports ]] && any_running; then return; fi
    mkdir -p "$cache/ports"
    exec 8>"$cache/ports.lock"
    flock 8
    for preference in "${port_preferences[@]}"; do
        name=${preference%=*}
        port=$(port_of "$name")
        if [[ -z $port ]] || port_claimed "$port" || port_taken "$port"; then
            [[ -z $port ]] || note "port $port of $name is taken by something else: moving"
            port=$(free_port "${preference#*=}" "$chosen")
        fi
        printf '%s\n' "$state" >"$cache/ports/$port"
        chosen+=" $port"
        lines+="$name=$port"$'\n'
    done
    printf '%s' "$lines" >"$state/ports.new"
    mv "$state/ports.new" "$state/ports"
    exec 8>&-
}

# For a part about to start: its address is known to others by now, so a taken port is an error here.
require_free() {
    local name port
    for name; do
        port=$(port_of "$name")
        ! port_taken "$port" || fail "cannot start: port $port ($name) is taken by another process"
    done
}
