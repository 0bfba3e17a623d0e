#!/usr/bin/env bash
# Waits until a daemon answers, checks it, and leaves the reports that CI collects: smoke.xml (JUnit) and smoke.json.
# HAPPENING_SERVER says where it is, HAPPENING_TOKEN or `happening login` who asks.
#
#   ci-smoke.sh DIRECTORY [SECONDS-TO-WAIT]
set -euo pipefail

directory=${1:?which directory?}
patience=${2:-60}
mkdir -p "$directory"

until happening status --quiet --timeout 2s >/dev/null 2>&1; do
  if ((SECONDS >= patience)); then
    echo "no daemon answers within $patience s" >&2
    exit 8
  fi
  sleep 1
done

happening smoke --timeout 30s --junit "$directory/smoke.xml" --report "$directory/smoke.json"
