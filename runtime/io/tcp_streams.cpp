#include "runtime/io/tcp_streams.h"

#include <memory>
#include <string>
#include <utility>

#include <boost/asio/post.hpp>

#include "runtime/io/program_input.h"
#include "runtime/io/program_process.h"
#include "runtime/io/tcp_hub.h"
#include "runtime/io/tcp_listener.h"
#include "runtime/io/tcp_stream.h"

namespace glasshouse::runtime {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

TcpByteStreams::TcpByteStreams(TcpOptions options) : hub_(std::make_unique<TcpHub>(options)) {}
TcpByteStreams::~TcpByteStreams() = default;

Result<ByteStreams::Listening> TcpByteStreams::listen(Node& node, Pid owner, const Endpoint& at) {
  ErrorCode error;
  const std::string host = at.host.empty() || at.host == "localhost" ? "127.0.0.1" : at.host;
  const auto address = asio::ip::make_address(host, error);
  if (error) return Error(host + " is no address to listen on", "eaddrnotavail");
  if (!hub_->reaches(address)) {
    return Error("listening on " + host + " is not allowed: only loopback addresses are", "eacces");
  }
  const auto listener = std::make_shared<TcpListener>(*hub_, SocketOwner{&node, owner});
  error = listener->open({address, at.port});
  if (error) {
    return Error(
        "cannot listen on " + host + ":" + std::to_string(at.port) + ": " + error.message(),
        std::string(reason_of(error).text()));
  }
  hub_->add(listener, owner);
  const Listening result{.socket = listener->socket(), .port = listener->port()};
  tell({&node, owner}, EventKind::stream_open, result.socket.number, Atom("listening"), 0,
       host + ":" + std::to_string(result.port));
  return result;
}

Socket TcpByteStreams::connect(Node& node, Pid owner, const Endpoint& to) {
  const auto stream = std::make_shared<TcpStream>(*hub_, SocketOwner{&node, owner});
  hub_->add(stream, owner);
  asio::post(hub_->io(), [stream, to] { stream->connect(to); });
  return stream->socket();
}

Result<RunningProgram> TcpByteStreams::start_program(Node& node, Pid owner,
                                                     const ProgramOptions& options) {
  Result<SpawnedProgram> spawned = spawn_program(options);
  if (!spawned) return spawned.error();
  const SocketOwner who{&node, owner};
  const auto input = std::make_shared<ProgramInput>(*hub_, who, std::move(spawned->input));
  const auto program = std::make_shared<ProgramProcess>(*hub_, who, *spawned, input, options);
  hub_->add(input, owner);
  hub_->add(program, owner);
  for (const Socket end : {input->socket(), program->socket()})
    tell(who, EventKind::stream_open, end.number, Atom("connected"), 0, options.path);
  asio::post(hub_->io(), [program] { program->wait_exit(); });
  return RunningProgram{
      .input = input->socket(), .output = program->socket(), .os_pid = spawned->pid};
}

bool TcpByteStreams::send(Socket socket, Binary bytes) {
  const auto entry = hub_->find(socket.number);
  return entry == nullptr || entry->send(std::move(bytes));
}

void TcpByteStreams::credit(Socket socket, std::size_t amount) {
  if (const auto entry = hub_->find(socket.number)) entry->credit(amount);
}

void TcpByteStreams::give(Socket socket, Pid owner) {
  hub_->set_owner(socket.number, owner);
  if (const auto entry = hub_->find(socket.number)) entry->give(owner);
}

void TcpByteStreams::close(Socket socket) {
  if (const auto entry = hub_->find(socket.number)) entry->close();
}

void TcpByteStreams::owner_exited(Node&, Pid owner) {
  for (const auto& entry : hub_->owned_by(owner))
    entry->close();
}

// What is opened from now on is added to the table after we looked, so whoever delivers for it sees
// that the node delivers nothing.
void TcpByteStreams::node_ends(Node& node) {
  for (const auto& entry : hub_->all())
    entry->leave(node);
}

std::size_t TcpByteStreams::open_count() const {
  return hub_->size();
}

}  // namespace glasshouse::runtime
