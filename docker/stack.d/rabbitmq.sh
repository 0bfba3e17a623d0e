# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with the files beside this one
# RabbitMQ as a private instance: own node directory, own Erlang port mapper (epmd), nothing on outside addresses.
# The wrappers in /usr/sbin switch user and insist on the system's directories; the scripts behind them do not.

rabbitmq_scripts() {
    local dir
    for dir in /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin; do
        [[ ! -x $dir/rabbitmq-server ]] || { printf '%s' "$dir"; return; }
    done
    return 1
}

rabbitmq_mark() { printf '%s/rabbitmq' "$state"; }
rabbitmq_limit() { echo 120; }
rabbitmq_address() { printf '127.0.0.1:%s' "$(port_of rabbitmq)"; }
rabbitmq_management_url() { printf 'http://127.0.0.1:%s' "$(port_of rabbitmq_management)"; }

# The ports stand in the configuration, which is therefore written anew at each start. With RABBITMQ_NODE_PORT
# beside a distribution port of its own the node ends in eaddrinuse.
rabbitmq_prepare() {
    mkdir -p "$state/rabbitmq"
    cat >"$state/rabbitmq/rabbitmq.conf" <<CONF
listeners.tcp.1 = $(rabbitmq_address)
management.tcp.ip = 127.0.0.1
management.tcp.port = $(port_of rabbitmq_management)
default_user = happening
default_pass = happening
default_user_tags.administrator = true
CONF
    echo '[rabbitmq_management].' >"$state/rabbitmq/enabled_plugins"
}

rabbitmq_launch() {
    require_free rabbitmq rabbitmq_management rabbitmq_distribution
    launch_epmd
    (
        # The caller may have a RABBITMQ_URL or an own node's settings in its environment.
        unset "${!RABBITMQ_@}" NOTIFY_SOCKET
        export HOME=$state/rabbitmq # for the Erlang cookie
        export ERL_EPMD_PORT ERL_EPMD_ADDRESS=127.0.0.1
        ERL_EPMD_PORT=$(port_of rabbitmq_epmd)
        export RABBITMQ_NODENAME=happening@localhost
        export RABBITMQ_DIST_PORT
        RABBITMQ_DIST_PORT=$(port_of rabbitmq_distribution)
        export RABBITMQ_MNESIA_BASE=$state/rabbitmq/mnesia
        export RABBITMQ_CONF_ENV_FILE=/dev/null
        export RABBITMQ_CONFIG_FILE=$state/rabbitmq/rabbitmq
        export RABBITMQ_ENABLED_PLUGINS_FILE=$state/rabbitmq/enabled_plugins
        export RABBITMQ_PID_FILE=$state/rabbitmq/node.pid
        export RABBITMQ_LOG_BASE=$state/log RABBITMQ_LOGS=-
        # The distribution listener would be open to the network otherwise.
        export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}'
        # As under systemd the script becomes the node instead of staying its parent: one pid to look after.
        export RUNNING_UNDER_SYSTEMD=true
        # The node ignores this argument; it is the mark by which it is found again.
        spawn rabbitmq "$(rabbitmq_scripts)/rabbitmq-server" -happening_stack "$(rabbitmq_mark)"
    )
}

# Started here rather than by the node, which would leave it behind without a word about its pid.
epmd_mark() { port_of rabbitmq_epmd; }
launch_epmd() {
    ! running epmd || return 0
    require_free rabbitmq_epmd
    ERL_EPMD_RELAXED_COMMAND_CHECK=1 spawn epmd "$(command -v epmd)" -address 127.0.0.1 -port "$(port_of rabbitmq_epmd)"
}
halt_epmd() {
    local pid
    ! pid=$(pid_of epmd) || kill_process "$pid"
    rm -f "$(pid_file epmd)"
}

# Asks the management plugin, with the user that daemons use, whether the AMQP listener is active: all three answer.
rabbitmq_ready() {
    curl -fs -m 5 -o /dev/null -u happening:happening \
        "$(rabbitmq_management_url)/api/health/checks/port-listener/$(port_of rabbitmq)"
}

# SIGTERM is an orderly stop, as `rabbitmqctl stop` is, without starting a second Erlang for it. Either takes 6 s: the
# management plugin waits 5 s for an application controller that is itself waiting for it.
rabbitmq_halt() { stop_process TERM 60 "$1"; }
rabbitmq_wipe() { rm -rf -- "$state/rabbitmq"; }

rabbitmq_env() {
    # %2f is the default virtual host.
    export_line RABBITMQ_URL "amqp://happening:happening@$(rabbitmq_address)/%2f"
    export_line RABBITMQ_MANAGEMENT_URL "$(rabbitmq_management_url)"
}
