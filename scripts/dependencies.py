#!/usr/bin/env python3
"""Checks what the workspace depends on: licences that the kit may be shipped with, and dependencies that nobody uses.

Advisories are checked by cargo-deny or cargo-audit where one is installed: their database is not in a package registry, so
without one of them they are named as not checked. $ADVISORIES=required makes that an error.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

# Each may be linked into a program under Apache-2.0 that is passed on with its notices.
ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CDLA-Permissive-2.0",
    "ISC", "MIT", "Unicode-3.0", "Unlicense", "Zlib",
}
# Dependencies that no source names, and why they are there.
UNNAMED = {
    ("e2e", "hcl-rs"): "its features are those of the tests of the command line",
    ("e2e", "proptest"): "its features are those of all tests",
}


# What a browser is to run: no files, no network, no AWS.
PURE = ["firelens-config", "firelens-lines", "firelens-packager", "firelens-browser"]
IMPURE = re.compile(r"tokio|reqwest|hyper|mio|rustls|rustix|tempfile|aws-.*|wasmtime.*")


def allowed(expression):
    """Whether an SPDX expression can be met; `/` is an old way to write OR. No nesting of OR in AND in OR is in use."""
    expression = expression.replace("/", " OR ")
    parts = re.split(r"\s+AND\s+(?![^()]*\))", expression)
    choices = (re.split(r"\s+OR\s+", part.strip().strip("()")) for part in parts)
    return all(any(choice.strip() in ALLOWED for choice in some) for some in choices)


def main():
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    metadata = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    problems = []
    for package in metadata["packages"]:
        licence = package["license"] or ("a file" if package["license_file"] else "none")
        if not allowed(licence):
            problems.append(f"{package['name']} {package['version']}: the licence `{licence}` is not in scripts/dependencies.py")
    members = [package for package in metadata["packages"] if package["id"] in metadata["workspace_members"]]
    folders = [pathlib.Path(package["manifest_path"]).parent for package in members]
    for package in members:
        folder = pathlib.Path(package["manifest_path"]).parent
        nested = [other for other in folders if other != folder and folder in other.parents]
        own = lambda path: "target" not in path.parts and not any(other in path.parents for other in nested)
        sources = "\n".join(path.read_text() for path in folder.rglob("*.rs") if own(path))
        for dependency in package["dependencies"]:
            name = (dependency["rename"] or dependency["name"])
            used = re.search(rf"\b{re.escape(library(metadata, dependency, name))}\b", sources)
            if not used and (package["name"], name) not in UNNAMED:
                problems.append(f"{package['name']}: no source of {folder.name}/ names the dependency `{name}`")
    for name in PURE:
        for reached in sorted(closure(metadata, name)):
            if IMPURE.fullmatch(reached):
                problems.append(f"{name}: depends on {reached}, and is to run in a browser")
    for problem in problems:
        print(f"dependencies: {problem}", file=sys.stderr)
    if not problems:
        print(f"dependencies: {len(metadata['packages'])} packages, licences allowed, none unused")
    return bool(problems) | advisories()


def closure(metadata, name):
    """The names of all packages that a package is made of, without what only its tests and build scripts need."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    names = {package["id"]: package["name"] for package in metadata["packages"]}
    (start,) = (package["id"] for package in metadata["packages"] if package["name"] == name)
    seen, open_ids = set(), [start]
    while open_ids:
        for dependency in nodes[open_ids.pop()]["deps"]:
            normal = any(kind["kind"] is None and kind["target"] is None for kind in dependency["dep_kinds"])
            if normal and dependency["pkg"] not in seen:
                seen.add(dependency["pkg"])
                open_ids.append(dependency["pkg"])
    return {names[package] for package in seen}


def library(metadata, dependency, name):
    """What sources call a dependency: its library's name, or what it was renamed to."""
    if dependency["rename"]:
        return name.replace("-", "_")
    for package in metadata["packages"]:
        if package["name"] == dependency["name"]:
            libraries = [target["name"] for target in package["targets"] if {"lib", "proc-macro"} & set(target["kind"])]
            return (libraries or [name])[0].replace("-", "_")
    return name.replace("-", "_")


def advisories():
    if shutil.which("cargo-deny"):
        return subprocess.run(["cargo", "deny", "check", "advisories"]).returncode != 0
    if shutil.which("cargo-audit"):
        return subprocess.run(["cargo", "audit"]).returncode != 0
    print("dependencies: advisories were not checked: neither cargo-deny nor cargo-audit is installed")
    return os.environ.get("ADVISORIES") == "required"


sys.exit(main())
