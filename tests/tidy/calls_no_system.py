"""The simulator takes nothing from the system: its library calls no clock, no randomness, no
threads, no environment (what it calls in the runtime is checked where the runtime is handed it).

    calls_no_system.py LIBRARY.a
    calls_no_system.py --self-test
"""
import re
import subprocess
import sys

FORBIDDEN = re.compile(
    r"clock_gettime|gettimeofday|time|clock|s?rand(om)?(_r)?|[dejlmn]rand48|getrandom|getentropy|"
    r"arc4random\w*|pthread_create|thrd_create|fork|(clock_)?nanosleep|u?sleep|sched_yield|"
    r"(secure_)?getenv|_ZNSt6chrono3_V2\d+(system|steady)_clock3nowEv|_ZNSt13random_device.*|"
    r"_ZNSt6thread15_M_start_thread.*|_ZSt4rand.*")


def forbidden_calls(listing):
    """(object, symbol) of every forbidden undefined symbol in the output of nm."""
    calls, member = [], "?"
    for line in listing.splitlines():
        if line.endswith(":"):
            member = line[:-1]
        match = re.fullmatch(r"\s+U (\S+?)(@.*)?", line)
        if match and FORBIDDEN.fullmatch(match.group(1)):
            calls.append((member, match.group(1)))
    return calls


def self_test():
    clock = "_ZNSt6chrono3_V212steady_clock3nowEv"
    sample = (f"\nworld.cpp.o:\n                 U {clock}\n                 U malloc\n"
              "0000000000000000 T time\n                 U strftime\n\ndisk.cpp.o:\n"
              "                 U getenv@GLIBC_2.2.5\n                 U rand\n")
    assert forbidden_calls(sample) == [
        ("world.cpp.o", clock), ("disk.cpp.o", "getenv"), ("disk.cpp.o", "rand")]


def main(arguments):
    if arguments == ["--self-test"]:
        self_test()
        return 0
    listing = subprocess.run(["nm", *arguments], capture_output=True, text=True, check=True).stdout
    calls = forbidden_calls(listing)
    for member, symbol in calls:
        print(f"{member} calls {symbol}: the simulator may only ask its Environment")
    return 1 if calls else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
