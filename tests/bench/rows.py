#!/usr/bin/env python3
"""Runs the rows of docs/benchmarks.md and prints a table of medians.

  tests/bench/rows.py [-r RUNS] [-o RUNS.jsonl] [--only NAME,...] [NAME=PROGRAM ...]
  tests/bench/rows.py --check PROGRAM      whether PROGRAM, the page and this know the same rows

The first column is build/release/bin/glasshouse-bench; each NAME=PROGRAM is another program with
the same command line (BENCH ARG...) and output (one line of JSON). All are run by turns. A run
during which the rest of the machine used more than 5 % of it is marked: quiet it, or do not trust
it.
"""
import argparse
import json
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import time

# What takes about 200 ns in C++ on the machine of docs/benchmarks.md; `calibrate 200` says it.
WORK = os.environ.get("BENCH_WORK", "147")
# Every row of the page's first table, in its order; beside it the peers that have it, where not all
# do. `off_heap` and `hibernate` are what a process of the BEAM is told; ours has one way to be.
ROWS = {
    "ping_pong 1000000": None,
    "thread_ring 100 2000000": None,
    "thread_ring 1000 2000000": None,
    "fan_in 16 250000": None,
    "fan_in 16 250000 off_heap": ["beam"],
    "fork_join_throughput 60 40000": None,
    "spawn_join 1000000 10000": None,
    "skynet 1000000": None,
    "idle_memory 1000000 10000": None,
    "idle_memory 1000000 10000 hibernate": ["beam"],
    "big 64 20000": None,
    "selective_receive 0 10000 ref": ["beam", "caf0.17", "caf1.1"],
    "selective_receive 100000 100 ref": ["beam", "caf0.17", "caf1.1"],
    "selective_receive 100000 10000 ref": ["beam"],
    "selective_receive 100000 100 scan": ["beam"],
    "selective_receive 100000 100 blocking": ["caf0.17", "caf1.1"],
    "call 1 500000 5000": ["beam", "caf0.17", "caf1.1"],
    "call 1 500000 infinity": ["beam", "caf0.17", "caf1.1"],
    "call 4 500000 5000": ["beam", "caf0.17", "caf1.1"],
    "call 4 500000 infinity": ["beam", "caf0.17", "caf1.1"],
    "supervised_restart 2000": ["beam"],
    "supervised_restart 20000": ["beam"],
    "overload 4 1000000 WORK": None,
    "overload 4 2000000 WORK": None,
    "overload 4 4000000 WORK": None,
    "overload 4 8000000 WORK": None,
    "overload 4 1000000 WORK off_heap": ["beam"],
    "overload 4 8000000 WORK off_heap": ["beam"],
}
PEERS = {"beam", "caf0.17", "caf1.1", "so5.8"}  # a program of another name has all rows
ROOT = pathlib.Path(__file__).resolve().parents[2]
OWN = str(ROOT / "build/release/bin/glasshouse-bench")
DISTURBED = 0.05


def busy():
    ticks = [int(word) for word in open("/proc/stat").readline().split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(program, row):
    work = os.environ.get("BENCH_WORK_BEAM", "72") if "beam" in program else WORK
    words = row.replace("WORK", work).split()
    before, mine, begin = busy(), children(), time.time()
    try:
        done = subprocess.run([program, *words], capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        return None
    wall = max(time.time() - begin, 1e-3)
    others = max(0.0, busy() - before - (children() - mine)) / (wall * os.cpu_count())
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            return {**json.loads(line), "others": round(others, 3), "row": row}
    return None


def short(value):
    for limit, suffix in ((1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.3g}{suffix}"
    return f"{value:.3g}"


def has(name, row):
    return name not in PEERS or ROWS[row] is None or name in ROWS[row]


def cell(runs):
    runs = [r for r in runs if "ops_per_s" in r]
    if not runs:
        return ""
    rates = sorted(r["ops_per_s"] for r in runs)
    median = statistics.median(rates)
    text = f"{short(median)}/s ±{(rates[-1] - rates[0]) / median * 50:.0f}%"
    if "bytes_per_actor" in runs[0]:
        text += f" {statistics.median(r['bytes_per_actor'] for r in runs):.0f} B"
    text += f" {statistics.median(r['rss_bytes'] for r in runs) / 2**20:.0f} MiB"
    noisy = sum(r["others"] > DISTURBED for r in runs)
    return text + (f" ({noisy} of {len(runs)} disturbed)" if noisy else "")


def check(page, listed):
    """What the first table of the page, ROWS and the program's own list do not agree on."""
    table = re.search(r"^\| row \|.*\n((?:\|.*\n)+)", page, re.MULTILINE).group(1)
    shown = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    names = re.findall(r"^  (\w+) ", listed, re.MULTILINE)
    return ([f"the page has `{row}`, rows.py does not" for row in shown if row not in ROWS]
            + [f"rows.py has `{row}`, the page does not" for row in ROWS if row not in shown]
            + [f"there is no row `{row}` in the program" for row in ROWS
               if row.split()[0] not in names])


def checked(program):
    page = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    listed = subprocess.run([program], capture_output=True, text=True, check=False).stderr
    found = check(page, listed)
    print("\n".join(found) if found else f"{len(ROWS)} rows agree")
    if found:
        return 1
    another = page.replace(f"`{next(iter(ROWS))}`", "`fly 1`")  # the check can fail
    assert len(check(another, listed)) == 2
    assert len(check(page, "usage\n  fly N\n")) == len(ROWS)
    return 0


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--check":
        sys.exit(checked(sys.argv[2]))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-r", "--runs", type=int, default=3)
    parser.add_argument("-o", "--out")
    parser.add_argument("--only", default="")
    parser.add_argument("others", nargs="*", metavar="NAME=PROGRAM")
    options = parser.parse_args()
    programs = {"glasshouse": OWN, **dict(other.split("=", 1) for other in options.others)}
    only = options.only.split(",") if options.only else None
    rows = [row for row in ROWS if only is None or row.split()[0] in only]
    got = {}
    for _ in range(options.runs):
        for row in rows:
            for name, program in programs.items():
                if not has(name, row):
                    continue
                result = run(program, row)
                if result is None:
                    print(f"{name} failed at {row}", file=sys.stderr)
                    continue
                got.setdefault((row, name), []).append(result)
                if options.out:
                    with open(options.out, "a") as out:
                        out.write(json.dumps({"program": name, **result}) + "\n")
    print("| row | " + " | ".join(programs) + " |\n" + "|---" * (len(programs) + 1) + "|")
    for row in rows:
        cells = [cell(got.get((row, name), [])) if has(name, row) else "n/a" for name in programs]
        print(f"| {row} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
