#pragma once
// TCP and programs for actors, on an I/O thread of its own. Reads happen only while there is
// credit; many small sends between two turns of that thread leave as one gathered write;
// TCP_NODELAY is on.
//
// A process that owns a socket says Self::own_io first, or the socket outlives it.
//
// Threads: any. Lives longer than every node that uses it: destroying it drops what is still
// queued, and kills (SIGKILL) the programs that were closed and have not ended yet.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "runtime/base/time.h"
#include "runtime/io/byte_streams.h"

namespace glasshouse::runtime {

// loopback: listening on, or connecting to, another address is refused with eacces.
enum class Reach : std::uint8_t { loopback, network };

struct TcpOptions {
  Reach reach = Reach::loopback;
};

inline constexpr std::size_t tcp_read_max = 64 << 10;        // bytes in one Bytes message
inline constexpr std::size_t tcp_send_queue_max = 64 << 20;  // then the stream fails with enobufs
inline constexpr std::size_t tcp_gather_max = 64;            // sends in one write
inline constexpr Duration tcp_close_linger = Duration::seconds(5);        // to flush after close
inline constexpr Duration tcp_accept_pause = Duration::milliseconds(50);  // when out of files

class TcpHub;

class TcpByteStreams final : public ByteStreams {
 public:
  explicit TcpByteStreams(TcpOptions options = {});
  ~TcpByteStreams() override;

  Result<Listening> listen(Node& node, Pid owner, const Endpoint& at) override;
  Socket connect(Node& node, Pid owner, const Endpoint& to) override;
  Result<RunningProgram> start_program(Node& node, Pid owner,
                                       const ProgramOptions& options) override;
  bool send(Socket socket, Binary bytes) override;
  void credit(Socket socket, std::size_t amount) override;
  void give(Socket socket, Pid owner) override;
  void close(Socket socket) override;
  void owner_exited(Node& node, Pid owner) override;
  void node_ends(Node& node) override;

  // Sockets that are not yet gone, closing ones among them, and programs that were not reaped.
  std::size_t open_count() const;

 private:
  std::unique_ptr<TcpHub> hub_;
};

}  // namespace glasshouse::runtime
