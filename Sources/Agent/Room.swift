// The agent of a node: serves the cluster plugin, keeps the fabric, writes the conflist.
