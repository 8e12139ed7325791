"""Machines whose pods are sandboxes of a real containerd."""
from inject.rows import Row

FILE = "/etc/cni/net.d/10-bridge.conflist"
BIN = "/opt/cni/bin"


def runtime_rows():
    def of(name, expect, inject, mend=None, **more):
        Row(name, expect, "runtime", inject, mend, kind="runtime", **more)

    def refused(break_it):
        """A pod that comes while something is broken: kubelet asks twice, and the runtime's log says why not."""
        def inject(machine):
            machine.sh(break_it)
            for _ in range(2):
                if machine.containerd.run("web-9"):
                    raise AssertionError("the sandbox was made all the same")
        return inject

    def mended(mend_it):
        def mend(machine):
            machine.sh(mend_it)
            machine.containerd.settled(machine.containerd.has_network, "the runtime has a network again")
            machine.sh(": > /var/log/containerd.log")
        return mend

    def ended(machine):
        machine.containerd.run("job-1")
        machine.containerd.stop("job-1")
    of("a sandbox has ended and was not removed yet", None, ended, lambda machine: machine.containerd.remove("job-1"), smoke=True)

    def again(machine):
        machine.containerd.remove("web-2")
        machine.containerd.run("web-2")
    of("a pod was made anew", None, again, "true")
    of("a pod's network namespace was removed", "RTE-04", "umount /run/netns/{POD1}; rm /run/netns/{POD1}", smoke=True)
    of("a pod's interface is down in its sandbox", "RTE-17", "ip -n {POD1} link set eth0 down",
       "ip -n {POD1} link set eth0 up; ip -n {POD1} route replace default via 10.244.1.1")
    of("the configuration is gone, and the runtime says so", "CFG-01", f"mv {FILE} /root/f; sleep 1",
       # containerd looks again at what is written, removed or renamed there, and not at what is moved in.
       mended(f"cp /root/f {FILE}"))
    of("the configuration is no JSON, and the runtime says so", ["CFG-02", "CFG-01"], f"cp {FILE} /root/f; truncate -s 40 {FILE}; sleep 1",
       mended(f"cp /root/f {FILE}"))
    of("a plugin is gone when a pod comes", "INS-03", refused(f"mv {BIN}/bridge /root/b"), mended(f"mv /root/b {BIN}/bridge"))
    of("the plugin for addresses is gone when a pod comes", "INS-03", refused(f"mv {BIN}/host-local /root/h"),
       mended(f"mv /root/h {BIN}/host-local"))

    def full(machine):
        """The runtime is asked until it refuses, and once more."""
        for index in range(3, 9):
            if not machine.containerd.run(f"web-{index}"):
                machine.containerd.run(f"web-{index}")
                return
        raise AssertionError("the range was never full")

    def roomy(machine):
        for name in [name for name in machine.pods if name not in machine.names]:
            machine.containerd.remove(name)
        machine.sh(": > /var/log/containerd.log")
    of("every address is a pod's", "IPM-02", full, roomy)

    def forgotten(machine):
        """What the store of addresses keeps for sandboxes of before fills the range."""
        machine.containerd.run("web-3")
        machine.containerd.run("web-4")
        machine.containerd.lose()
        machine.sh("for n in $(ls /run/netns); do umount /run/netns/$n; rm /run/netns/$n; done; touch -d '1 day ago' /var/lib/cni/networks/pods/10.*")
        machine.containerd.start()
        machine.containerd.run("web-1")
        for _ in range(2):
            if machine.containerd.run("web-2"):
                raise AssertionError("an address was left")
    of("the runtime forgot its sandboxes, and their addresses are kept", "IPM-03", forgotten)

    def doubled(machine):
        """A pod of before holds its address in a namespace that nobody has any more."""
        machine.containerd.lose()
        machine.sh("rm -f /var/lib/cni/networks/pods/*")
        machine.containerd.start()
        for name in machine.names:
            machine.containerd.run(name)
    def outlived(machine):
        """The same, and the store of addresses knows better: the new pods have others."""
        machine.containerd.lose()
        machine.containerd.start()
        for name in machine.names:
            machine.containerd.run(name)
    of("namespaces of forgotten sandboxes are left, with addresses of their own", None, outlived)
    of("namespaces of forgotten sandboxes hold the addresses of new pods", "IPM-06", doubled)
