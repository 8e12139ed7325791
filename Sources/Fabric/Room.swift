// Node-to-node networking: routes, tunnels, neighbours, forwarding entries, masquerade.
