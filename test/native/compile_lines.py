"""Prints the source files and flags that binding.gyp compiles for one architecture, one file per line, without the files
that need Node. The tests therefore compile the same code as the addon, and include new kernel files automatically.

usage: compile_lines.py x64|arm64
"""

import ast
import collections
import pathlib
import sys

root = pathlib.Path(__file__).resolve().parents[2]
build = ast.literal_eval((root / "binding.gyp").read_text())
variables = collections.defaultdict(str, build["variables"], OS="linux", target_arch=sys.argv[1])


def chosen(target):
    """The target's settings, with those of the conditions that hold."""
    settings = [target]
    for condition, *branches in target.get("conditions", []):
        settings += branches[:1] if eval(condition, {}, variables) else branches[1:]
    return settings


def expanded(flags):
    """The flags, with lists of variables ("<@(name)") in place."""
    return [each for flag in flags for each in (variables[flag[3:-1]] if flag.startswith("<@(") else [flag])]


common_flags = build["target_defaults"]["cflags_cc"]
for target in build["targets"]:
    settings = chosen(target)
    flags = common_flags + expanded(flag for part in settings for flag in part.get("cflags_cc", []))
    for source in [source for part in settings for source in part.get("sources", [])]:
        if source != "native/addon.cc" and not source.startswith("native/bindings/"):
            print(source, *flags)
