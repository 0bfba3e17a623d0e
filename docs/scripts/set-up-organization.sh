#!/usr/bin/env bash
# Makes an organization what a file says it is, and shows first what that changes. Run again, it changes nothing.
# Who is not a member yet is invited. Exit 9 until those accept whom an event names as its organizer: run it again then.
#
#   set-up-organization.sh [FILE]
set -euo pipefail

file=${1:-$(dirname "$0")/organization.yaml}

code=0
happening diff -f "$file" || code=$?
case $code in
  0) exit 0 ;;
  10) happening apply -f "$file" ;;
  *) exit "$code" ;;
esac
