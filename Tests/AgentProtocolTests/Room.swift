// Tests of AgentProtocol.
