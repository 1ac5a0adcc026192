#pragma once
// Inside of TcpByteStreams: the I/O thread, the table of sockets, and what streams and listeners
// have in common. Only the sources of tcp_streams.h include it: Asio goes no further.

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>

#include "runtime/io/tcp_streams.h"
#include "runtime/node/node.h"

namespace glasshouse::runtime {

class TcpEntry;

// Who hears of a socket. No node: nobody any more.
struct SocketOwner {
  Node* node = nullptr;
  Pid pid{};
};

// An event of a socket, if there is somebody to whom it happens.
void tell(const SocketOwner& owner, EventKind kind, std::uint64_t number, Atom name,
          std::int64_t argument, std::string_view text = {});
// The names that ByteStreams promises; every other error keeps its own.
Atom reason_of(const boost::system::error_code& error);

// The I/O thread and the table of sockets, of which the streams of programs are some.
//
// A socket's state is cut in two. What any thread may change (owner, credit, the queue of sends,
// the wish to close) is guarded by the socket's mutex; the rest belongs to the I/O thread. Who
// changes the first half asks for a *turn* of the socket, in which the I/O thread acts on it.
//
// Messages to the owner are delivered while the socket's mutex is held: after give, close and
// owner_exited return, nothing more goes to the former owner. Delivering never calls back.
class TcpHub {
 public:
  explicit TcpHub(TcpOptions options) : options_(options), thread_([this] { run(); }) {}
  ~TcpHub();

  bool reaches(const boost::asio::ip::address& address) const {
    return options_.reach == Reach::network || address.is_loopback();
  }
  std::uint64_t next_number() { return ++last_number_; }
  void add(std::shared_ptr<TcpEntry> entry, Pid owner);
  void remove(std::uint64_t number);
  std::shared_ptr<TcpEntry> find(std::uint64_t number) const;
  void set_owner(std::uint64_t number, Pid owner);
  std::vector<std::shared_ptr<TcpEntry>> owned_by(Pid owner) const;
  std::vector<std::shared_ptr<TcpEntry>> all() const;  // by number
  std::size_t size() const;

  // Any thread: the I/O thread will call entry->turn() soon.
  void ask_turn(std::shared_ptr<TcpEntry> entry);
  boost::asio::io_context& io() { return io_; }
  // Of the I/O thread, for one read or write at a time.
  std::span<char> buffer() { return buffer_; }
  std::vector<boost::asio::const_buffer>& gathered() { return gathered_; }

 private:
  struct Listed {
    std::shared_ptr<TcpEntry> entry;
    Pid owner;
  };

  void run();
  void take_turns();

  TcpOptions options_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  std::atomic<std::uint64_t> last_number_{0};
  mutable std::mutex table_mutex_;  // guards entries_, by_owner_
  std::map<std::uint64_t, Listed> entries_;
  // unordered: never iterated
  std::unordered_map<Pid, std::set<std::uint64_t>> by_owner_;
  std::mutex turns_mutex_;  // guards turns_
  std::vector<std::shared_ptr<TcpEntry>> turns_;
  std::array<char, tcp_read_max> buffer_;
  std::vector<boost::asio::const_buffer> gathered_;
  std::thread thread_;  // last: it uses the rest
};

class TcpEntry : public std::enable_shared_from_this<TcpEntry> {
 public:
  TcpEntry(TcpHub& hub, SocketOwner owner) : hub_(hub), number_(hub.next_number()), owner_(owner) {}
  virtual ~TcpEntry() = default;

  Socket socket() const { return {number_}; }

  // Any thread.
  void credit(std::size_t amount) {
    const std::lock_guard lock(mutex_);
    const bool was_idle = credit_ == 0;
    credit_ += amount;
    if (was_idle && amount > 0) want_turn();
  }
  void give(Pid owner) {
    const std::lock_guard lock(mutex_);
    owner_.pid = owner;
    // It ended before it became the owner, and nobody would close this. Who ends closes its
    // mailbox, then looks for what it owns: one of the two sees the other.
    if (owner_.node == nullptr) return;
    const Process* const process = owner_.node->find(owner);
    const bool is_it = process != nullptr && process->pid() == owner;
    if (!is_it || !process->is_open(owner.serial)) start_closing();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    start_closing();
  }
  // Nobody in `node` hears of this any more.
  void leave(const Node& node) {
    const std::lock_guard lock(mutex_);
    if (owner_.node == &node) start_closing();
  }

  // Any thread.
  virtual bool send(Binary bytes) = 0;
  // I/O thread: acts on what other threads asked for.
  virtual void turn() = 0;

 protected:
  // The functions with this mark need the mutex held.
  /*locked*/ void want_turn() {
    if (std::exchange(turn_wanted_, true)) return;
    hub_.ask_turn(shared_from_this());
  }
  /*locked*/ void start_closing() {
    if (owner_.node != nullptr) {
      tell(owner_, EventKind::stream_close, number_, atoms::normal, 0);
    }
    owner_.node = nullptr;
    closing_ = true;
    want_turn();
  }
  // False if there is nobody to hear it.
  template <Sendable M, class... Args>
  /*locked*/ bool deliver(Args&&... args) {
    if (owner_.node == nullptr) return false;
    return owner_.node->deliver<M>(owner_.pid, std::forward<Args>(args)...);
  }
  // I/O thread: so many bytes came into the hub's buffer.
  void received(std::size_t bytes);
  // To the system monitor: its owner has sent more than the other side takes.
  /*locked*/ void tell_busy();
  /*locked*/ void report_closed(Atom reason) {
    tell(owner_, EventKind::stream_close, number_, reason, 0);
    (void)deliver<Closed>(socket(), reason);
    owner_.node = nullptr;
    closing_ = true;
  }

  TcpHub& hub_;
  const std::uint64_t number_;
  std::mutex mutex_;  // guards all below
  SocketOwner owner_;
  std::size_t credit_ = 0;
  bool turn_wanted_ = false;
  bool closing_ = false;
};

}  // namespace glasshouse::runtime
