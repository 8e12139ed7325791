#!/usr/bin/env python3
"""What `poplin doctor` says of answers of EC2: scripts/doctor-moto.py PROGRAM

An EC2 of moto's on loopback, asked with the AWS command line exactly as `poplin doctor` prints it. Needs `moto_server`
(pip install 'moto[server]') and `aws`; exit status 77 when they are not there.
"""
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

program = os.path.abspath(sys.argv[1])
for tool in ("moto_server", "aws"):
    if shutil.which(tool) is None:
        print(f"moto: not run, there is no {tool} (pip install 'moto[server]' awscli)")
        sys.exit(77)

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
environment = dict(
    os.environ, AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}", AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test",
    AWS_DEFAULT_REGION="eu-west-1", AWS_PAGER="", AWS_CONFIG_FILE="/dev/null", KUBECONFIG="/nonexistent",
    NO_PROXY="127.0.0.1", no_proxy="127.0.0.1")
server = subprocess.Popen(
    ["moto_server", "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    env=environment)
failures = []
folder = tempfile.mkdtemp(prefix="poplin-moto-")


def aws(*words):
    """An answer of `aws ec2`; the endpoint is given twice, because older command lines do not know the variable."""
    command = ["aws", "--endpoint-url", environment["AWS_ENDPOINT_URL"], "ec2", *words, "--output", "json"]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    if answer.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {answer.stderr}")
    return json.loads(answer.stdout) if answer.stdout.strip() else {}


def doctor(*words, text=None):
    answer = subprocess.run(
        [program, "doctor", *words, "-o", "json"], env=environment, capture_output=True, text=True, input=text,
        timeout=120)
    return answer.returncode, json.loads(answer.stdout)


def expect(what, condition, seen=""):
    print(f"{'ok' if condition else 'FAILED'}  {what}")
    if not condition:
        failures.append(what)
        print(f"    {seen}")


def codes(report):
    return [(cause["code"], cause["confidence"]) for cause in report["causes"]]


try:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.1)
    vpc = aws("create-vpc", "--cidr-block", "10.0.0.0/16")["Vpc"]["VpcId"]
    # Sixteen addresses, of which EC2 keeps five.
    subnet = aws(
        "create-subnet", "--vpc-id", vpc, "--cidr-block", "10.0.1.0/28", "--availability-zone", "eu-west-1a"
    )["Subnet"]["SubnetId"]
    group = aws("create-security-group", "--group-name", "nodes", "--description", "nodes", "--vpc-id", vpc)["GroupId"]
    aws("authorize-security-group-ingress", "--group-id", group, "--protocol", "tcp", "--port", "22", "--cidr", "0.0.0.0/0")

    def run(count):
        return aws(
            "run-instances", "--image-id", "ami-12c6146b", "--count", str(count), "--subnet-id", subnet,
            "--security-group-ids", group, "--instance-type", "m5.large")["Instances"]

    instances = run(2)
    nodes = []
    for number, instance in enumerate(instances):
        nodes.append({
            "metadata": {
                "name": f"node-{number}",
                "labels": {"topology.kubernetes.io/region": "eu-west-1"},
                "annotations": {
                    "flannel.alpha.coreos.com/backend-type": "vxlan",
                    "flannel.alpha.coreos.com/backend-data": json.dumps({"VNI": 1, "VtepMAC": f"02:00:00:00:00:0{number}"}),
                    "flannel.alpha.coreos.com/public-ip": instance["PrivateIpAddress"],
                },
            },
            "spec": {
                "providerID": f"aws:///eu-west-1a/{instance['InstanceId']}", "podCIDR": f"10.244.{number}.0/24",
                "podCIDRs": [f"10.244.{number}.0/24"],
            },
            "status": {
                "addresses": [{"type": "InternalIP", "address": instance["PrivateIpAddress"]}],
                "conditions": [{"type": "Ready", "status": "True"}],
            },
        })
    os.makedirs(f"{folder}/cluster/resources")
    with open(f"{folder}/cluster/resources/nodes.json", "w") as file:
        json.dump({"kind": "NodeList", "items": nodes}, file)
    with open(f"{folder}/cluster/resources/pods.json", "w") as file:
        json.dump({"kind": "PodList", "items": []}, file)

    _, report = doctor("--bundle", folder)
    commands = [one["command"] for one in report.get("open", []) if one["subject"] == "aws"]
    expect("it prints what to ask EC2", len(commands) == 1, report.get("open"))
    asked = commands[0].removesuffix(" | poplin doctor --aws -")
    operations = [part.split()[2] for part in asked.strip("()").split("; ")]
    expect("and that only reads", all(one.startswith("describe-") for one in operations), operations)

    def judge():
        """The printed command as it is; its answer piped in beside the cluster."""
        line = asked.replace("aws ec2", f"aws --endpoint-url {environment['AWS_ENDPOINT_URL']} ec2")
        answer = subprocess.run(["sh", "-c", line], env=environment, capture_output=True, text=True, timeout=120)
        expect("the printed command runs", answer.returncode == 0, answer.stderr)
        return doctor("--bundle", folder, "--aws", "-", text=answer.stdout)

    status, report = judge()
    expect("a group that lacks VXLAN is RTE-01", status == 1 and codes(report)[:1] == [("RTE-01", "certain")], codes(report))
    fix = report["causes"][0]["fix"]["steps"][0] if report["causes"] else ""
    expect("and the fix names the group", group in fix and "8472" in fix, fix)
    aws(*fix.split()[2:])
    status, report = judge()
    expect("the fix as it is printed ends it", "RTE-01" not in [code for code, _ in codes(report)], codes(report))
    expect("and nothing is left to ask", not [one for one in report.get("open", []) if one["subject"] == "aws"])

    run(9)
    answer = json.dumps(aws("describe-subnets", "--subnet-ids", subnet))
    status, report = doctor("--aws", "-", text=answer)
    expect("a subnet that EC2 calls full is AWS-02", status == 1 and codes(report)[:1] == [("AWS-02", "likely")], codes(report))
finally:
    server.terminate()
    server.wait(30)
    shutil.rmtree(folder, ignore_errors=True)
print(f"moto: {'failed: ' + ', '.join(failures) if failures else 'all as expected'}")
sys.exit(1 if failures else 0)
