"""The build gives a layer the headers below it and no others: asks the compiler.

    arrows.py COMPILER LAYER INCLUDE_DIRECTORY...
    arrows.py --self-test
"""
import subprocess
import sys

from rules_includes import BELOW
from source import LAYERS


def reachable(compiler, directories):
    """The layers that a source compiled with these include directories can include."""
    question = "".join(f'#if __has_include("{layer}/CMakeLists.txt")\nyes {layer}\n#endif\n'
                       for layer in LAYERS)
    answer = subprocess.run([compiler, "-E", "-P", "-x", "c++", "-",
                             *(f"-I{directory}" for directory in directories)],
                            input=question, text=True, capture_output=True, check=True)
    return {line.split()[1] for line in answer.stdout.splitlines() if line.startswith("yes ")}


def wrong(layer, reached):
    if reached != BELOW[layer]:
        return (f"{layer} can include {', '.join(sorted(reached))}; "
                f"it should be {', '.join(sorted(BELOW[layer]))}")
    return None


def main(arguments):
    if arguments == ["--self-test"]:
        assert wrong("sim", {"sim", "runtime", "tracing"}) and wrong("sim", {"sim"})
        assert not wrong("sim", {"sim", "runtime"})
        return 0
    compiler, layer, *directories = arguments
    found = wrong(layer, reachable(compiler, directories))
    if found:
        print(found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
