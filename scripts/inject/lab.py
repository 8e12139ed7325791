"""What the machines are plugged into."""
import os
import shutil
import tempfile

from inject.machine import Machine
from inject.space import Space, UNDERLAY, WORLD, run


class Lab:
    """What machines are plugged into: a switch, a router, and the world behind it."""

    def __init__(self, program):
        self.program = os.path.realpath(program)
        self.folder = tempfile.mkdtemp(prefix="doctor-inject-")
        self.fabric = Space("fabric", f"""
            ip link set lo up
            ip link add underlay type bridge
            ip addr add {UNDERLAY}.1/24 dev underlay
            ip addr add {WORLD}/32 dev lo
            ip link set underlay up
            sysctl -qw net.ipv4.ip_forward=1
        """)
        self.machines = {}

    def plug(self, machine):
        port = f"p-{machine.name}"[:15]
        # The kernel takes the port of a machine that ended away in its own time.
        run("nsenter", "--target", str(self.fabric.process), "--net", "ip", "link", "del", port, check=False)
        run("nsenter", "--target", str(self.fabric.process), "--net", "ip", "link", "add", port, "type", "veth",
            "peer", "name", "eth0", "netns", str(machine.process))
        run("nsenter", "--target", str(self.fabric.process), "--net", "ip", "link", "set", port, "master",
            "underlay", "up")

    def pair(self, flavour):
        """The machine that is broken, and the one it speaks with: made when they are first asked for."""
        if flavour not in self.machines:
            for machines in self.machines.values():
                for machine in machines:
                    machine.end()
            self.machines = {flavour: []}
            for number in (1, 2):
                try:
                    self.machines[flavour].append(Machine(self, f"node-{number}", number, flavour))
                except BaseException:
                    self.renew(flavour)
                    raise
        return self.machines[flavour]

    def renew(self, flavour):
        for machine in self.machines.pop(flavour, []):
            machine.end()

    def end(self):
        for machines in self.machines.values():
            for machine in machines:
                machine.end()
        self.fabric.end()
        shutil.rmtree(self.folder, ignore_errors=True)
