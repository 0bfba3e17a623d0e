# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with the files beside this one
# Debian packages that the native stack needs, installed only when a binary is missing.

# missing_packages PART…: one package name a line.
missing_packages() {
    local part
    have curl || echo curl
    have ps || echo procps
    # Not for a part: the tests drive the terminal interface in it.
    have tmux || echo tmux
    for part; do
        case $part in
            postgres) postgres_bin >/dev/null || echo postgresql ;;
            redis) have redis-server || echo redis-server ;;
            rabbitmq) rabbitmq_scripts >/dev/null || echo rabbitmq-server ;;
            keycloak)
                java_command >/dev/null || echo default-jre-headless
                # Only to fetch and unpack it, once.
                if [[ ! -d $keycloak_home ]]; then
                    have mvn || echo maven
                    have unzip || have jar || have python3 || echo unzip
                fi
                ;;
        esac
    done
}

# ensure_packages PART: the parts start side by side and whoever misses something first installs what all of
# them miss; the others wait at the lock and find it done. Keycloak rarely misses anything and is fetched
# and built meanwhile.
ensure_packages() {
    local missing
    [[ -n $(missing_packages "$1") ]] || return 0
    mkdir -p "$cache"
    exec 7>"$cache/packages.lock"
    flock 7
    if [[ -n $(missing_packages "$1") ]]; then
        mapfile -t missing < <(missing_packages "${wanted_parts[@]}")
        install_packages "${missing[@]}"
        hash -r
        [[ -z $(missing_packages "$1") ]] || fail "still missing after the installation: $(missing_packages "$1" | xargs)"
    fi
    exec 7>&-
}

# ensure_commands COMMAND…: what tests need besides the parts. Each is the Debian package of the same name.
ensure_commands() {
    local command missing=()
    mkdir -p "$cache" "$state/log"
    exec 7>"$cache/packages.lock"
    flock 7
    for command; do have "$command" || missing+=("$command"); done
    if [[ ${#missing[@]} -gt 0 ]]; then install_packages "${missing[@]}"; fi
    exec 7>&-
    for command; do have "$command" || fail "still missing after the installation: $command"; done
}

install_packages() {
    local as_root=() log
    log=$(log_of packages)
    open_log packages
    if ! is_root; then
        as_root=(sudo -n)
        sudo -n true 2>/dev/null || fail "please install these packages first: $* (this needs root, or sudo without a password)"
    fi
    have apt-get || fail "please install these packages first: $* (there is no apt-get to do it here)"
    note "installing $*"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive bash -s -- "$@" >>"$log" 2>&1 <<'SCRIPT' || {
set -e
# The packages would start services of their own on the usual ports. This is Debian's switch against it;
# a machine that has one keeps it.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
fi
apt-get update -qq
apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
SCRIPT
        show_log packages
        fail 'the packages could not be installed'
    }
}
