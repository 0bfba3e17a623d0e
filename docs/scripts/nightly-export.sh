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

organizations=$(happening org list --all --jq '.[] | select(.role == "orgAdmin") | .id')
failed=0
for organization in $organizations; do
  # One that cannot be exported keeps its file, and nobody else from theirs.
  happening export "$organization" >"$new" || { failed=1 && continue; }
  # Whoever reads the directory meanwhile sees the old file or the new one, whole.
  cp "$new" "$new.whole"
  mv "$new.whole" "$directory/$organization.yaml"
done
exit "$failed"
