"""Prints what binding.gyp compiles for one architecture, without the part that knows Node: a line a source file, with
the file's own flags. So the tests are of the very code that the addon has, and a new kernel file is in them at once.

usage: compile_lines.py x64|arm64
"""

import ast
import collections
import pathlib
import sys

root = pathlib.Path(__file__).resolve().parents[2]
build = ast.literal_eval((root / "binding.gyp").read_text())
variables = collections.defaultdict(str, OS="linux", target_arch=sys.argv[1])


def chosen(target):
    """The target's settings, with those of the conditions that hold."""
    settings = [target]
    for condition, *branches in target.get("conditions", []):
        settings += branches[:1] if eval(condition, {}, variables) else branches[1:]
    return settings


common_flags = build["target_defaults"]["cflags_cc"]
for target in build["targets"]:
    settings = chosen(target)
    flags = common_flags + [flag for part in settings for flag in part.get("cflags_cc", [])]
    for source in [source for part in settings for source in part.get("sources", [])]:
        if source != "native/addon.cc" and not source.startswith("native/bindings/"):
            print(source, *flags)
