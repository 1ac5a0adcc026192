#pragma once
// The seam of streams of bytes: TCP through Boost.Asio, or simulated; and the input and output of
// programs, through pipes, or simulated.
//
// Sockets belong to a process, their owner, and speak to it by messages, in "active mode" with
// credit: nothing arrives that was not granted before. Whoever owns one has called Self::own_io, so
// that it is closed when its owner exits. Threads: any; in the simulator its only one.
//
// Order: what is sent on one stream arrives in that order or not at all. The messages of one socket
// reach the owner in the order below: Connected or Accepted, then Bytes, at most one Closed, and
// nothing after Closed.

#include <cstdint>
#include <string>

#include "runtime/base/result.h"
#include "runtime/process/pid.h"
#include "runtime/term/atom.h"
#include "runtime/term/binary.h"

namespace glasshouse::runtime {

class Node;
struct ProgramOptions;
struct RunningProgram;

struct Socket {
  std::uint64_t number = 0;  // unique within a world, never used twice
  friend auto operator<=>(Socket, Socket) = default;
};

struct Endpoint {
  std::string host;  // a name or an address; in the simulator the name of a host
  std::uint16_t port = 0;
};

// A connection came in on `listener` and now belongs to the listener's owner, with no credit yet.
struct Accepted {
  Socket socket;
  Socket listener;
  std::string peer;
};
struct Connected {
  Socket socket;
};
struct Bytes {
  Socket socket;
  Binary bytes;
};
// What was queued for sending has drained below the low mark (send_queue_low).
struct Drained {
  Socket socket;
};
// Reasons: normal (the other side closed), econnreset, econnrefused, etimedout, ehostunreach,
// epipe, enobufs (more was sent than is queued, docs/manual/io.md), eacces (not to be reached from
// here).
struct Closed {
  Socket socket;
  Atom reason;
};

inline constexpr std::size_t send_queue_high = 1 << 20;  // bytes
inline constexpr std::size_t send_queue_low = 1 << 18;

class ByteStreams {
 public:
  virtual ~ByteStreams() = default;

  struct Listening {
    Socket socket;
    std::uint16_t port = 0;  // the real one when 0 was asked for
  };
  // Errors: eaddrinuse, eacces, eaddrnotavail. The listener has no credit yet.
  virtual Result<Listening> listen(Node& node, Pid owner, const Endpoint& at) = 0;

  // Answers later with Connected or Closed.
  virtual Socket connect(Node& node, Pid owner, const Endpoint& to) = 0;

  // Starts a program; both its streams belong to `owner`, `output` has no credit yet (program.h).
  // Errors: enoent, eacces, enoexec, enotdir, emfile, eagain and what else the system says of it.
  virtual Result<RunningProgram> start_program(Node& node, Pid owner,
                                               const ProgramOptions& options) = 0;

  // Queues bytes; returns false when the queue is now above send_queue_high: a polite sender waits
  // for Drained. Bytes for a closed socket go nowhere.
  virtual bool send(Socket socket, Binary bytes) = 0;

  // `amount` more bytes (of a listener: connections) may arrive.
  virtual void credit(Socket socket, std::size_t amount) = 0;

  // Messages go to `owner` from now on. What was delivered to the former owner stays there.
  // OTP: gen_tcp:controlling_process/2.
  virtual void give(Socket socket, Pid owner) = 0;

  // Sends what is queued, then closes. The owner hears nothing more of it.
  virtual void close(Socket socket) = 0;

  // Closes all that `owner` owned. Called by the node when the owner exits.
  virtual void owner_exited(Node& node, Pid owner) = 0;

  // `node` is about to be destroyed and delivers nothing any more, though its processes still run.
  // Closes what they own; when this returns, no thread is inside the node to tell it of a socket,
  // and none will be. One-threaded worlds have nothing to wait for.
  virtual void node_ends(Node&) {}
};

}  // namespace glasshouse::runtime
