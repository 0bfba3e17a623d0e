# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with the files beside this one
# Keycloak from its Maven artifact. What costs time is done once and shared by all stacks in the cache directory: the
# distribution fetched and built, the realm imported into a database template, a class data archive. A new stack copies
# the template (2 MB) and starts in seconds.

keycloak_version=26.7.3
keycloak_artifact=org.keycloak:keycloak-quarkus-dist:$keycloak_version:zip
keycloak_home=$cache/keycloak-$keycloak_version
keycloak_realm_file=$docker_dir/keycloak/realm-happening.json

keycloak_directory() { printf '%s/keycloak' "$state"; }
keycloak_mark() { printf -- '-Dkc.home.dir=%s' "$(keycloak_directory)"; }
keycloak_limit() { echo 180; }
keycloak_address() { printf 'http://localhost:%s' "$(port_of keycloak)"; }

java_command() {
    local java version
    for java in ${JAVA_HOME:+"$JAVA_HOME/bin/java"} "$(command -v java || true)"; do
        version=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p') || continue
        [[ -z $version || $version -lt 17 ]] || { printf '%s' "$java"; return; }
    done
    return 1
}

# Any other realm file or version is another template.
keycloak_template() {
    printf '%s/keycloak-realm-%s' "$cache" "$({
        printf '%s %s %s\n' "$keycloak_version" "$keycloak_admin_username" "$keycloak_admin_password"
        cat "$keycloak_realm_file"
    } | sha256sum | cut -c1-16)"
}

# An archive fits only the very Java that wrote it.
keycloak_archive() {
    printf '%s/classes-%s.jsa' "$keycloak_home" "$("$(java_command)" -Xinternalversion | sha256sum | cut -c1-16)"
}

# keycloak_java DIRECTORY [JVM OPTION…] -- ARGUMENT…: the command line, in the array `keycloak_line`. Plain Java
# instead of kc.sh, which stays as a parent: killing that would leave Java alive. C1 and the serial collector start
# fastest and need the least memory.
keycloak_java() {
    local directory=$1 options=() package
    shift
    while [[ $1 != -- ]]; do options+=("$1"); shift; done
    shift
    for package in java.util java.util.concurrent java.security java.lang; do
        options+=("--add-opens=java.base/$package=ALL-UNNAMED")
    done
    # Classes are taken from the cache by one path for all stacks, or the archive would not fit.
    keycloak_line=("$(java_command)" -Xms64m -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1
        "-Dkc.home.dir=$directory" "-Djboss.server.config.dir=$directory/conf"
        -Djava.util.logging.manager=org.jboss.logmanager.LogManager -Dpicocli.disable.closures=true
        --enable-native-access=ALL-UNNAMED "${options[@]}" -cp "$keycloak_home/lib/quarkus-run.jar"
        io.quarkus.bootstrap.runner.QuarkusEntryPoint "$@")
}

# An instance is a directory that borrows the built `lib`.
keycloak_make_directory() {
    mkdir -p "$1/conf" "$1/providers" "$1/data"
    ln -sfn "$keycloak_home/lib" "$1/lib"
}

# The caller's KC_… settings are for another Keycloak.
keycloak_clean_environment() {
    unset "${!KC_@}"
    export KC_BOOTSTRAP_ADMIN_USERNAME=$keycloak_admin_username KC_BOOTSTRAP_ADMIN_PASSWORD=$keycloak_admin_password
}

keycloak_fetch_and_build() {
    local new=$cache/keycloak-new zip
    rm -rf "$new"
    mkdir -p "$new"
    mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
        -Dartifact="$keycloak_artifact" -DoutputDirectory="$new"
    zip=$(echo "$new"/*.zip)
    (
        cd "$new" || exit
        if have unzip; then unzip -q "$zip"; elif have jar; then jar xf "$zip"; else python3 -m zipfile -e "$zip" .; fi
    )
    # Settled at build time: the database's kind, and that there is a health endpoint.
    JAVA_OPTS_APPEND=-XX:TieredStopAtLevel=1 \
        bash "$new/keycloak-$keycloak_version/bin/kc.sh" build --db=dev-file --health-enabled=true
    mv "$new/keycloak-$keycloak_version" "$keycloak_home"
    rm -rf "$new"
}

# The H2 files of a Keycloak that has stopped again: the only state in which they may be copied.
keycloak_import() {
    local new=$cache/keycloak-new keycloak_line
    rm -rf "$new"
    keycloak_make_directory "$new"
    keycloak_java "$new" -- import --optimized --file="$keycloak_realm_file"
    "${keycloak_line[@]}"
    rm -f "$new"/data/h2/*.trace.db
    mv "$new/data/h2" "$(keycloak_template)"
    rm -rf "$new"
}

keycloak_prepare() {
    local directory template
    directory=$(keycloak_directory)
    template=$(keycloak_template)
    mkdir -p "$cache"
    exec 8>"$cache/keycloak.lock"
    flock 8
    [[ -d $keycloak_home ]] || note "keycloak: fetching $keycloak_artifact and building it, once for this machine"
    [[ -d $template ]] || note 'keycloak: importing the realm, once for this realm file'
    (
        keycloak_clean_environment
        if [[ ! -d $keycloak_home ]]; then keycloak_fetch_and_build; fi
        if [[ ! -d $template ]]; then keycloak_import; fi
    ) >>"$(log_of keycloak)" 2>&1
    exec 8>&-
    keycloak_make_directory "$directory"
    if [[ ! -d $directory/data/h2 ]]; then
        rm -rf "$directory/data/h2.new"
        cp -r "$template" "$directory/data/h2.new"
        mv "$directory/data/h2.new" "$directory/data/h2"
        basename "$template" >"$directory/realm"
    elif [[ $(cat "$directory/realm") != "$(basename "$template")" ]]; then
        note 'keycloak: the realm file has changed since this data was made; take it over with: docker/stack reset keycloak'
    fi
}

keycloak_launch() {
    local directory archive sharing keycloak_line
    require_free keycloak keycloak_management
    directory=$(keycloak_directory)
    archive=$(keycloak_archive)
    # The first instance records its classes when it stops (that stop takes some seconds more), the later ones use it.
    sharing=-XX:ArchiveClassesAtExit=$directory/classes.jsa
    [[ ! -s $archive ]] || sharing=-XX:SharedArchiveFile=$archive
    rm -f "$directory/classes.jsa"
    # The issuer of tokens must not depend on the name by which a request came: hence --hostname. Without --cache=local
    # it would open cluster ports on outside addresses.
    keycloak_java "$directory" "$sharing" -Xlog:disable -Xlog:all=error:stderr -- start --optimized --http-enabled=true \
        --hostname="$(keycloak_address)" --http-host=127.0.0.1 --http-port="$(port_of keycloak)" \
        --http-management-port="$(port_of keycloak_management)" --cache=local \
        --log-level=INFO,io.smallrye.health:OFF
    (
        keycloak_clean_environment
        spawn keycloak "${keycloak_line[@]}"
    )
}

# Healthy, and the realm is there.
keycloak_ready() {
    curl -fs -m 5 -o /dev/null "http://127.0.0.1:$(port_of keycloak_management)/health/ready" &&
        curl -fs -m 10 -o /dev/null "$(keycloak_address)/realms/happening/.well-known/openid-configuration"
}

keycloak_halt() {
    local recorded
    stop_process TERM 120 "$1" || return
    # Only an archive of an orderly stop is complete.
    recorded=$(keycloak_directory)/classes.jsa
    [[ ! -s $recorded ]] || mv -f "$recorded" "$(keycloak_archive)"
}

keycloak_wipe() { rm -rf -- "$(keycloak_directory)"; }

keycloak_env() {
    export_line KEYCLOAK_SERVER_URL "${1:-$(keycloak_address)}"
    export_line KEYCLOAK_REALM happening
    export_line KEYCLOAK_CLIENT_ID happening-server
    export_line KEYCLOAK_CLIENT_SECRET "$keycloak_client_secret"
    # For tests; the product never uses them.
    export_line KEYCLOAK_ADMIN_USERNAME "$keycloak_admin_username"
    export_line KEYCLOAK_ADMIN_PASSWORD "$keycloak_admin_password"
}
