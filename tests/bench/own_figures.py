#!/usr/bin/env python3
"""Measures what docs/benchmarks.md says of Glasshouse alone, and prints its tables.

  tests/bench/own_figures.py [-r RUNS] [--untraced PROGRAM] [NAME...]

NAME is scaling, tracing, latency, tables or overload; without one all of them. PROGRAM is a
glasshouse-bench that was built with -D CMAKE_CXX_FLAGS=-DGLASSHOUSE_WITHOUT_TRACING=1, to which
"tracing" compares. Medians; the programs of one comparison run by turns. The machine should be
quiet.
"""
import argparse
import json
import os
import statistics
import subprocess

OWN = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                   "../../build/release/bin/glasshouse-bench")
TRACED_WORK = os.environ.get("BENCH_TRACED_WORK", "600")  # about a million messages a second
BURNER_WORK = "70000"                                     # some 100 us before it yields
OVERLOAD_WORK = os.environ.get("BENCH_WORK", "147")
MILLION = 1_000_000
FAR_LINE = 150  # ns a round trip of a cache line; docs/benchmarks.md, "The peers"
MOST_PAIRS = 6  # so many times the runs wanted are made at most, to see both near and far


def run(program, row, **environment):
    done = subprocess.run([program, *row.split()], capture_output=True, text=True, timeout=300,
                          check=True, env={**os.environ, **environment})
    return json.loads(done.stdout)


def by_turns(runs, ways):
    """Runs each of `ways`, a dictionary of functions, by turns; lists of results."""
    results = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            results[name].append(way())
    return results


def median(results, field="ops_per_s"):
    return statistics.median(result[field] for result in results)


def millions(rate):
    return f"{rate / MILLION:.3g}M"


def cores_are_near():
    return 1e9 / run(OWN, "cache_line 20000")["ops_per_s"] < FAR_LINE


def scaling(options):
    """Apart for near and far cores; a pair of runs in which that changed counts for neither."""
    print("| row | cores | pairs of runs | 1 worker | 2 workers | times |")
    print("|---|---|---|---|---|---|")
    for row in ("fork_join_throughput 60 40000", "big 64 20000", "skynet 1000000"):
        got = {True: [], False: []}
        for _ in range(MOST_PAIRS * options.runs):
            before = cores_are_near()
            pair = [run(OWN, row, PEER_THREADS=count) for count in ("1", "2")]
            if cores_are_near() == before:
                got[before].append(pair)
            if min(len(pairs) for pairs in got.values()) >= options.runs:
                break
        for near, pairs in got.items():
            if not pairs:
                continue
            one, two = (median(results) for results in zip(*pairs))
            print(f"| `{row}` | {'near' if near else 'far'} | {len(pairs)} | {millions(one)} |"
                  f" {millions(two)} | {two / one:.2f} |")


def tracing(options):
    messages = 4 * MILLION
    ways = {mode: lambda mode=mode: run(OWN, f"traced {messages} {TRACED_WORK} {mode}")
            for mode in ("off", "default", "full", "text")}
    if options.untraced:
        ways["compiled out"] = lambda: run(options.untraced, f"traced {messages} {TRACED_WORK} off")
    got = by_turns(options.runs, ways)
    print("| recording | messages a second | slower than off | events dropped |\n|---|---|---|---|")
    off = median(got["off"])
    for mode, results in got.items():
        slower = 100 * (off / median(results) - 1)
        dropped = median(results, "events_dropped") / MILLION
        print(f"| {mode} | {millions(median(results))} | {slower:+.1f} % | {dropped:.2f}M |")


def latency(options):
    print("| background | p50 | p99 | p99.9 | worst |\n|---|---|---|---|---|")
    for burners in (0, 1, 2, 8):
        results = [run(OWN, f"call_latency 20000 {burners} {BURNER_WORK}")
                   for _ in range(options.runs)]
        cells = " | ".join(f"{median(results, field):.0f} us"
                           for field in ("p50_us", "p99_us", "p99.9_us", "worst_us"))
        print(f"| {burners} processes that never wait | {cells} |")


def tables(options):
    print("| row | a second |\n|---|---|")
    for row in ("table lookup set 1 2000000 100000", "table lookup set 4 2000000 100000",
                "table insert set 1 2000000 100000", "table insert set 4 2000000 100000",
                "table counter set 4 2000000 100000",
                "table lookup ordered_set 1 2000000 100000",
                "table persistent set 4 2000000 100000", "disk_transactions 1 2000",
                "disk_transactions 16 2000"):
        results = [run(OWN, row) for _ in range(options.runs)]
        rate = median(results)
        print(f"| `{row}` | {millions(rate) if rate >= MILLION else f'{rate:.0f}'} |")


def overload(options):
    print("| messages | seconds | times the first | peak memory a message |\n|---|---|---|---|")
    counts = (1, 2, 4, 8)
    got = by_turns(options.runs, {
        count: lambda count=count: run(OWN, f"overload 4 {count * MILLION} {OVERLOAD_WORK}")
        for count in counts})
    first = median(got[1], "seconds")
    for count in counts:
        seconds = median(got[count], "seconds")
        memory = median(got[count], "rss_bytes") / (count * MILLION)
        print(f"| {count}M | {seconds:.3f} | {seconds / first:.2f} | {memory:.0f} B |")


def main():
    everything = {"scaling": scaling, "tracing": tracing, "latency": latency, "tables": tables,
                  "overload": overload}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-r", "--runs", type=int, default=5)
    parser.add_argument("--untraced", metavar="PROGRAM")
    parser.add_argument("what", nargs="*", choices=[*everything, []])
    options = parser.parse_args()
    for name in options.what or everything:
        print(f"\n{name}\n")
        everything[name](options)


if __name__ == "__main__":
    main()
