#!/usr/bin/env python3
"""Writes the doctor's fixtures: doctor-fixtures.py FOLDER [NAME-PREFIX ...]

Each is a cluster of some provider, healthy but for one thing, as its objects, logs and machines show it. The same
names give the same bytes.
"""
import importlib
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "fixtures"))
from case import CASES  # noqa: E402

for module in ("cases_install", "cases_addresses", "cases_routing", "cases_services", "cases_policy", "cases_edge",
               "cases_platform", "cases_healthy", "cases_suggestive", "cases_machine",
               "heldout_clusters", "recorded_clusters", "recorded_more", "abroad_first", "abroad_second", "abroad_third",
               "stranger_first", "sparse_first", "fresh_first", "last_first",
               "field_first", "field_second", "field_third",
               "rota_first", "rota_second", "rota_third", "rota_relief",
               "witness_first", "witness_second", "witness_third", "witness_fourth",
               "atlas_first", "atlas_second", "atlas_third", "atlas_fourth",
               "compass_first", "compass_second", "compass_third", "told_first", "compass_well", "terminal",
               "usual_names", "usual_rules", "usual_clouds", "usual_again",
               "plain_first", "plain_second", "plain_third", "plain_well", "plain_fourth",
               "judge_objects", "judge_trees", "judge_pasted", "judge_well", "judge_again"):
    importlib.import_module(module)

folder, wanted = sys.argv[1], tuple(sys.argv[2:])
if not wanted and os.path.isdir(folder):
    for name in os.listdir(folder):
        if os.path.isdir(os.path.join(folder, name)):
            shutil.rmtree(os.path.join(folder, name))
made = set()
for name, cause, also, confidence, note, make in CASES:
    if name in made:
        sys.exit(f"{name} twice")
    made.add(name)
    if wanted and not name.startswith(wanted):
        continue
    path = os.path.join(folder, name)
    shutil.rmtree(path, ignore_errors=True)
    expect = {"cause": cause}
    if cause:
        expect["confidence"] = confidence
    if also:
        # True as well, or following from the cause: may be found, need not.
        expect["may"] = also
    if note:
        expect["note"] = note
    make().write(path, expect)
size = sum(os.path.getsize(os.path.join(d, f)) for d, _, files in os.walk(folder) for f in files)
print(f"{len(made)} fixtures, {size / 1024:.0f} KiB")
