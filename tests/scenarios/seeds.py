"""Many seeds of the shipped scenarios, by the program itself.

    seeds.py LAW GLASSHOUSE SCENARIOS [COUNT]

LAW is one of the functions below. Exits 0 if it holds, else prints one sentence and exits 1.
"""
import json
import os
import sqlite3
import subprocess
import sys
import tempfile


class Program:
    def __init__(self, path, scenarios):
        self.path = path
        self.scenarios = scenarios

    def scenario(self, name):
        return os.path.join(self.scenarios, name)

    def run(self, *words, prefix=(), **noise):
        """Exit status and what was printed, in an environment with that noise."""
        done = subprocess.run([*prefix, self.path, *words], capture_output=True, text=True,
                              env={**os.environ, **noise}, check=False)
        return done.returncode, done.stdout, done.stderr

    def seeds(self, name, seeds, *words, **conditions):
        status, out, err = self.run("run", self.scenario(name), "--seeds", seeds, "--json", *words,
                                    **conditions)
        if not out:
            refute(f"{name} with seeds {seeds} ended with status {status}: {err.strip()}")
        return status, json.loads(out)


def refute(sentence):
    sys.exit(sentence)


def hold(program, count):
    """Every seed of kv_under_fire.lua holds its properties."""
    status, report = program.seeds("kv_under_fire.lua", f"1..{count}")
    if status != 0:
        refute(f"status {status}: {json.dumps(report['bad'], indent=1)}")
    if report["run"] != count:
        refute(f"only {report['run']} of {count} seeds were run")
    for row in report["held"]:
        if row["seeds"] == 0:
            refute(f"in {count} seeds it was never seen that {row['name']}")


def broken(program, count):
    """Some seed catches the store that acknowledges before it syncs, and its trace replays."""
    with tempfile.TemporaryDirectory() as folder:
        trace = os.path.join(folder, "broken.db")
        status, report = program.seeds("kv_broken.lua", f"1..{count}", "--trace", trace)
        if status != 1:
            refute(f"no seed in 1..{count} lost a write: status {status}")
        verdicts = {row["name"]: row["verdict"] for row in report["bad"]["properties"]}
        if verdicts["no acknowledged write is lost"] != "violated":
            refute(f"something else went wrong: {verdicts}")
        status, out, err = program.run("replay", trace, "--verify")
        if status != 0:
            refute(f"its trace does not replay: status {status}: {out}{err}")


QUIET = {"prefix": ("setarch", "-R"), "MALLOC_PERTURB_": "0"}
NOISY = {"MALLOC_PERTURB_": "165", "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0",
         "MALLOC_ARENA_MAX": "1", "LANG": "tr_TR.UTF-8", "TZ": "Pacific/Chatham",
         "GLASSHOUSE_NOISE": "x" * 4321}


def determinism(program, count):
    """Allocator, addresses, environment and number of threads change no digest."""
    status, _, _ = program.run("--version", prefix=QUIET["prefix"])
    quiet = QUIET if status == 0 else {"MALLOC_PERTURB_": "0"}
    _, first = program.seeds("kv_under_fire.lua", f"1..{count}", "--jobs", "1", **quiet)
    _, second = program.seeds("kv_under_fire.lua", f"1..{count}", "--jobs", "2", **NOISY)
    for seed, digest in first["digests"].items():
        if second["digests"][seed] != digest:
            refute(f"seed {seed} of kv_under_fire.lua has two digests: {digest} and "
                   f"{second['digests'][seed]}")
    if len(first["digests"]) != count:
        refute(f"only {len(first['digests'])} of {count} seeds were run")


def replays(program, count):
    """What was recorded under one set of conditions is verified under another."""
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(1, count + 1):
            trace = os.path.join(folder, "fire.db")
            program.run("run", program.scenario("kv_under_fire.lua"), "--seed", str(seed),
                        "--trace", trace)
            status, out, err = program.run("replay", trace, "--verify", **NOISY)
            if status != 0:
                refute(f"seed {seed} is not verified: status {status}: {out}{err}")


def tampered(program, _):
    """A changed digest in a trace gives status 4 and the event."""
    with tempfile.TemporaryDirectory() as folder:
        trace = os.path.join(folder, "fire.db")
        program.run("run", program.scenario("kv_under_fire.lua"), "--trace", trace)
        with sqlite3.connect(trace) as database:
            database.execute("update digests set digest = '00000000deadbeef' where events = "
                             "(select min(events) from digests)")
        database.close()
        status, out, err = program.run("replay", trace, "--verify")
        if status != 4:
            refute(f"a tampered digest gave status {status}: {out}{err}")
        if "event" not in out:
            refute(f"the event is not named: {out}")


def main(law, glasshouse, scenarios, count="50"):
    laws = {check.__name__: check for check in (hold, broken, determinism, replays, tampered)}
    laws[law](Program(glasshouse, scenarios), int(count))


if __name__ == "__main__":
    main(*sys.argv[1:])
