#!/usr/bin/env bash
# Writes a file for each organization that whoever is signed in governs, to be kept under version control: it is the same as
# long as nothing changes, and `happening apply -f FILE` brings it back.
#
#   nightly-export.sh DIRECTORY
set -euo pipefail

directory=${1:?which directory?}
mkdir -p "$directory"
new=$(mktemp "$directory/.new.XXXXXX")
trap 'rm -f "$new"' EXIT

happening org list --jq '.[] | select(.role == "orgAdmin") | .id' | while read -r organization; do
  happening export "$organization" >"$new"
  # Whoever reads the directory meanwhile sees the old file or the new one, whole.
  cp "$new" "$new.whole"
  mv "$new.whole" "$directory/$organization.yaml"
done
