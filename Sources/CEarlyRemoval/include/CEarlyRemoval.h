// A DEL of the cluster plugin before the C library starts.
//
// All that such a DEL has to do is to tell the agent, which does the work. Of the CPU that takes, seven eighths were the
// start of a C library and of Swift's runtime, which a program needs that does more. So the program's entry is here: if
// the call is a plain DEL of `poplin`, it is handed to the agent as it stands, with system calls alone (`AgentCall` in
// AgentProtocol has the format), and the agent reads it with the very code the plugin has. What it accepts is done, and
// the process ends. In every other case, and whenever anything is unusual, the program starts as if nothing had been,
// and does the call from the beginning: a DEL can be repeated. Nothing is decided here but whether to ask.
#pragma once

// How long the agent has to answer, in milliseconds; AgentCall.patienceMilliseconds.
#define CEARLYREMOVAL_PATIENCE 5000

// Where the agent is unless the configuration says otherwise; AgentClient.defaultPath.
#define CEARLYREMOVAL_SOCKET "/run/poplin/agent.sock"

// The one answer that ends the process: AgentReply.taken, byte for byte.
#define CEARLYREMOVAL_TAKEN "{\"v\":1,\"linkGone\":true,\"taken\":true}\n"

// What the program finds when it starts after all.
struct early_removal_rest {
  // What was read of standard input, and how many bytes. The rest is still there, unless it has ended.
  const unsigned char *input;
  unsigned long length;
  int ended;
  // How long the agent was waited for, in milliseconds.
  int waited;
};

struct early_removal_rest early_removal_rest(void);
