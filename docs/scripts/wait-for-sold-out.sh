#!/usr/bin/env bash
# Waits until an event is sold out, and says so, or how it stands once the time is over. Exit 0 if it is, 7 if not.
#
#   wait-for-sold-out.sh EVENT [TIME]
set -euo pipefail

event=${1:?which event?}
patience=${2:-1h}
[[ $patience == *h ]] && patience=$((${patience%h} * 60))m

code=0
happening event wait "$event" --for=sold-out --timeout "$patience" --quiet >/dev/null || code=$?
case $code in
  0) happening event get "$event" --jq '"Sold out: \(.name), \(.waiting) parties wait"' ;;
  7) happening event get "$event" --jq '"Not sold out: \(.available_slots) of \(.total_slots) seats are free"' ;;
esac
exit "$code"
