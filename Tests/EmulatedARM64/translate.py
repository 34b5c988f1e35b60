#!/usr/bin/env python3
"""Translates Swift Testing sources into plain functions and a main program, for Embedded Swift.

    translate.py OUTPUT_FOLDER SOURCE...

Each `@Test` becomes a method that the suite's `runAll` calls with every combination of its arguments. Tests that need what
Testing.swift does not offer (concurrency, expected errors) are left out, and named on standard output.
"""

import re
import sys
from pathlib import Path

UNSUPPORTED = re.compile(r"#expect\(\s*(throws|processExitsWith)|#require\(\s*throws|\bawait\b|\basync\b|confirmation\(")
SUITE = re.compile(r"^(?:@Suite.*\n)?((?:final )?(?:struct|class|enum)) (\w+Tests)\b.*\{$", re.M)
# An attribute with its arguments, the function after it, and its body: swift-format closes it at its own indentation.
TEST = re.compile(r"^    @Test(?P<traits>.*?)\s*(?P<head>func (?P<name>`[^`]+`|\w+)\((?P<parameters>.*?)\).*?)\{\n"
                  r"(?P<body>.*?)^    \}\n", re.M | re.S)


def split(text: str) -> list[str]:
    """Splits at commas outside brackets."""
    parts, depth, current = [], 0, ""
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += character
    return [part for part in [*parts, current.strip()] if part]


def call(test: re.Match[str], suite: str) -> str:
    """The loops over a test's arguments, and the call inside."""
    labels = [parameter.split(":")[0].split()[0] for parameter in split(test["parameters"])]
    traits = test["traits"].strip()
    _, found, arguments = traits[1:-1].partition("arguments:") if traits else ("", "", "")
    collections = split(arguments) if found else []
    names = [f"argument{index}" for index in range(len(collections))]
    values = names
    if len(collections) == 1 and len(labels) > 1:
        values = [f"argument0.{index}" for index in range(len(labels))]
    passed = ", ".join(value if label == "_" else f"{label}: {value}" for label, value in zip(labels, values))
    loops = "".join(f"for {name} in {collection} {{ " for name, collection in zip(names, collections))
    title = test["name"].strip("`").replace('"', "'")
    run = f'number += 1; TestRun.test("{title}", case: number) {{ {suite}().{test["name"]}({passed}) }}'
    return f"        number = 0\n        {loops}{run}{' }' * len(names)}\n"


def translate(source: str, path: str) -> tuple[str, list[str]]:
    """The source as plain Swift, and the names of its suites."""
    suites = [match[2] for match in SUITE.finditer(source)]
    calls: dict[str, str] = dict.fromkeys(suites, "")

    def method(test: re.Match[str]) -> str:
        suite = [match[2] for match in SUITE.finditer(source) if match.start() < test.start()][-1]
        if UNSUPPORTED.search(test["head"] + test["body"]):
            print(f"not run here: {suite} / {test['name'].strip('`')}")
            return ""
        calls[suite] += call(test, suite)
        return f"    {test['head']}{{\n{test['body']}    }}\n"

    text = TEST.sub(method, source)
    text = re.sub(r"^import Testing\n|^@testable import LaminaKernels\n|^@Suite.*\n", "", text, flags=re.M)
    text = text.replace("#expect(", "expect(").replace("#require(", "unwrapped(")
    if "@Test" in text or re.search(r"#(expect|require)\b", text):
        sys.exit(f"{path}: a test is written in a way that this translator does not know")
    # Embedded Swift has no `any Error`, which untyped closures would throw: what a test does not expect ends the program.
    text = re.sub(r"\s+throws(?=\s*(->|\{))", "", text)
    text = re.sub(r"\btry (?=\S)", "try! ", text)
    for suite, body in calls.items():
        text += f"\nextension {suite} {{\n    static func runAll() {{\n        var number = 0\n{body}    }}\n}}\n"
    return text, suites


def main() -> None:
    output = Path(sys.argv[1])
    everything: list[str] = []
    for path in map(Path, sys.argv[2:]):
        text, suites = translate(path.read_text(), path.name)
        (output / path.name).write_text(text)
        everything += suites
    runs = "".join(f"{suite}.runAll()\n" for suite in everything)
    (output / "main.swift").write_text(f"import Glibc\n\n{runs}exit(TestRun.finish())\n")


if __name__ == "__main__":
    main()
