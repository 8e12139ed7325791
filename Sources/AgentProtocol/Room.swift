// What the cluster plugin and the agent say to each other over the agent's socket.
