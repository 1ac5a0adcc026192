"""Checks the project's text against the rules of this folder.

    tidy.py               every rule on the project
    tidy.py LAW           one rule on the project
    tidy.py --self-test [LAW]   the rules on their own examples
    tidy.py --list        the laws
"""
import sys

import rules_coroutines  # noqa: F401, each module registers its rules
import rules_includes  # noqa: F401
import rules_layout  # noqa: F401
import rules_words  # noqa: F401
from rule import RULES
from source import project


def self_test(rule):
    """What is wrong with a rule: a bad example it lets pass, a good one it refuses."""
    if not rule.bad:
        yield f"'{rule.law}' has no bad example, so nothing shows that it can fail"
    for example in rule.bad:
        if not rule.on_text(example):
            yield f"'{rule.law}' found nothing in {example}"
    for example in rule.good:
        for finding in rule.on_text(example):
            yield f"'{rule.law}' refused a good example: {finding}"


def main(arguments):
    testing = "--self-test" in arguments
    laws = [a for a in arguments if not a.startswith("--")]
    unknown = set(laws) - {rule.law for rule in RULES}
    if unknown:
        sys.exit(f"tidy: no rule says {', '.join(sorted(unknown))}; see --list")
    if "--list" in arguments:
        print("\n".join(rule.law for rule in RULES))
        return 0
    chosen = [rule for rule in RULES if not laws or rule.law in laws]
    sources = None if testing else project()
    findings = [str(finding) for rule in chosen
                for finding in (self_test(rule) if testing else rule.check(sources))]
    print("\n".join(findings) if findings else f"tidy: {len(chosen)} rules hold")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
