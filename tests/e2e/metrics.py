#!/usr/bin/env python3
"""Scrapes a program that serves, as Prometheus does, and holds what it says to the text format.

  metrics.py GLASSHOUSE SCENARIO.lua
"""
import math
import re
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"'
SERIES = re.compile(rf"^({NAME})(?:\{{({LABEL}(?:,{LABEL})*)?\}})? (\S+)$")
SUFFIXES = ("_bucket", "_sum", "_count")


def expect(condition, what):
    if not condition:
        raise SystemExit(f"not so: {what}")


def family_of(name, types):
    for suffix in SUFFIXES:
        base = name.removesuffix(suffix)
        if base != name and types.get(base) in ("histogram", "summary"):
            return base
    return name


def parse(text):
    """The values by series. Every rule of the format that a reader relies on is checked."""
    types, helps, values, closed = {}, set(), {}, set()
    current = None
    expect(text.endswith("\n"), "the last line ends")
    for line in text.splitlines():
        comment = re.match(rf"^# (HELP|TYPE) ({NAME})(?: (.*))?$", line)
        if comment:
            what, name, rest = comment.groups()
            if name != current:
                expect(name not in closed, f"the lines of {name} stand together")
                closed.add(current)
                current = name
            if what == "HELP":
                expect(name not in helps, f"one HELP of {name}")
                helps.add(name)
            else:
                expect(name not in types, f"one TYPE of {name}")
                expect(rest in ("counter", "gauge", "histogram", "summary", "untyped"), line)
                types[name] = rest
            continue
        match = SERIES.match(line)
        expect(match, f"a series: {line!r}")
        name, labels, value = match.groups()
        expect(family_of(name, types) == current, f"{line!r} stands under its TYPE")
        key = name + "{" + (labels or "") + "}"
        expect(key not in values, f"{key} stands once")
        values[key] = float(value)
        expect(not math.isnan(values[key]) or types[current] == "summary", f"{key} is a number")
    return types, values


def scrape(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        expect(answer.status == 200, "status 200")
        kind = answer.headers["Content-Type"]
        expect(kind.startswith("text/plain"), f"plain text, not {kind}")
        return parse(answer.read().decode("utf-8"))


def ask_store(port, commands):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as store:
        answers = store.makefile("rb")
        for i in range(commands):
            store.sendall(resp(b"SET", b"k%d" % i, b"v"))
            expect(answers.readline() == b"+OK\r\n", "the store answers OK")


def resp(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


def run(program, scenario, folder, *more):
    return subprocess.Popen(
        [program, "run", scenario, "--on", "multicore", "--data", folder, "--set", "port=0", *more],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def check_numbers(url, store_port):
    types, before = scrape(url)
    node = 'node="store@127.0.0.1"'
    of = lambda name: f"glasshouse_{name}{{{node}}}"
    expect(types["glasshouse_processes"] == "gauge", "processes is a gauge")
    expect(types["glasshouse_messages_received_total"] == "counter", "messages is a counter")
    expect(before[of("processes")] >= 5, "the store's processes live")
    expect(before[of("memory_resident_bytes")] > 1e6, "the program has memory")
    expect(f'glasshouse_run_queue_length{{{node},worker="0"}}' in before, "worker 0 is told of")
    ask_store(store_port, 200)
    _, after = scrape(url)
    for name in ("messages_received_total", "processes_spawned_total", "processes_exited_total"):
        expect(after[of(name)] >= before[of(name)], f"{name} does not go back")
    more = after[of("messages_received_total")] - before[of("messages_received_total")]
    expect(more >= 200, f"200 commands are at least 200 messages, not {more}")
    expect(after[of("processes_spawned_total")] > before[of("processes_spawned_total")],
           "a connection is a process")


def main(glasshouse, scenario):
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        program = run(glasshouse, scenario, folder, "--metrics", "0")
        try:
            store_port, url = None, None
            while store_port is None or url is None:
                line = program.stdout.readline()
                expect(line, "it begins to serve")
                if "kv listens on" in line:
                    store_port = int(line.strip().rpartition(":")[2])
                if "metrics are told at" in line:
                    url = line.split()[-1]
            expect(url.startswith("http://127.0.0.1:"), "only this machine is told")
            check_numbers(url, store_port)
            port = url.split(":")[2].split("/")[0]
            second = run(glasshouse, scenario, other, "--metrics", port)
            said = second.communicate(timeout=60)[0]
            expect(second.returncode == 3, f"a port in use is status 3, not {second.returncode}")
            sentence = f"metrics cannot be told at 127.0.0.1:{port}: the port is in use"
            expect(said.count(sentence) == 1, f"one sentence about the port, not {said!r}")
            program.send_signal(signal.SIGTERM)
            said = program.communicate(timeout=60)[0]
            expect(program.returncode == 0, f"it stops in order: {said}")
        finally:
            program.kill()
            program.wait()
    simulated = subprocess.run([glasshouse, "run", scenario, "--metrics", "0"],
                               capture_output=True, text=True, timeout=60)
    expect(simulated.returncode == 2, "in the simulator it is wrong usage")
    expect("--metrics is for --on multicore" in simulated.stderr, simulated.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
