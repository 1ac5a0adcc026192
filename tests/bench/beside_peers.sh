#!/usr/bin/env bash
# Builds glasshouse-bench and measures it beside the peers, by turns, in one run.
#
#   tests/bench/beside_peers.sh PEERS [ARGUMENT...]
#
# PEERS is a folder with the peers' programs and their runner, run.sh; the arguments are the
# runner's (-r RUNS, -o OUT.jsonl, BENCH...). Needs Debian's erlang-base, libcaf-dev and
# libsqlite3-dev.
set -euo pipefail
if (($# == 0)) || [[ ! -x $1/run.sh ]]; then
  echo "usage: $0 PEERS [ARGUMENT...]; PEERS is a folder with run.sh in it" >&2
  exit 2
fi
peers=$(readlink -f "$1")
shift
cd "$(dirname "$(readlink -f "$0")")/../.."
cmake --preset release -D GLASSHOUSE_TESTS=ON >/dev/null
cmake --build build/release --parallel "$(nproc)" --target glasshouse-bench >/dev/null
export PEER_EXTRA="glasshouse=$PWD/build/release/bin/glasshouse-bench"
exec "$peers/run.sh" "$@"
