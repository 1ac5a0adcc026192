#define BOOST_ASIO_NO_DEPRECATED 1
#include "runtime/io/tcp_streams.h"

#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "runtime/io/errno_name.h"
#include "runtime/node/node.h"

namespace glasshouse::runtime {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

// The names the seam promises; every other error keeps its own.
Atom reason_of(const ErrorCode& error) {
  if (error == asio::error::eof) return atoms::normal;
  if (error == asio::error::broken_pipe) return errno_atom(ECONNRESET);
  if (error.category() == boost::system::system_category()) return errno_atom(error.value());
  return errno_atom(EHOSTUNREACH);  // a name that does not resolve
}

std::string peer_name(const tcp::socket& socket) {
  ErrorCode error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return "unknown";
  return peer.address().to_string() + ":" + std::to_string(peer.port());
}

// Who hears of a socket. No node: nobody any more.
struct Owner {
  Node* node = nullptr;
  Pid pid;
};

void tell(const Owner& owner, EventKind kind, std::uint64_t number, Atom name,
          std::int64_t argument, std::string_view text = {}) {
  if (owner.node == nullptr || !owner.node->wants(kind)) return;
  owner.node->emit({.kind = kind,
                    .name = name,
                    .subject = owner.node->key_of(owner.pid),
                    .message = number,
                    .argument = argument},
                   text);
}

}  // namespace

// The I/O thread and the table of sockets.
//
// A socket's state is cut in two. What any thread may change (owner, credit, the queue of sends,
// the wish to close) is guarded by the socket's mutex; the rest belongs to the I/O thread. Who
// changes the first half asks for a *turn* of the socket, in which the I/O thread acts on it.
//
// Messages to the owner are delivered while the socket's mutex is held: after give, close and
// owner_exited return, nothing more goes to the former owner. Delivering never calls back.
class TcpByteStreams::Hub {
 public:
  class Entry;
  class Stream;
  class Listener;

  explicit Hub(TcpOptions options) : options_(options), thread_([this] { io_.run(); }) {}
  ~Hub();

  bool reaches(const asio::ip::address& address) const {
    return options_.reach == Reach::network || address.is_loopback();
  }
  std::uint64_t next_number() { return ++last_number_; }
  void add(std::shared_ptr<Entry> entry, Pid owner);
  void remove(std::uint64_t number);
  std::shared_ptr<Entry> find(std::uint64_t number) const;
  void set_owner(std::uint64_t number, Pid owner);
  std::vector<std::shared_ptr<Entry>> owned_by(Pid owner) const;
  std::size_t size() const;

  // Any thread: the I/O thread will call entry->turn() soon.
  void ask_turn(std::shared_ptr<Entry> entry);
  asio::io_context& io() { return io_; }
  // Of the I/O thread, for one read or write at a time.
  std::span<char> buffer() { return buffer_; }
  std::vector<asio::const_buffer>& gathered() { return gathered_; }

 private:
  struct Listed {
    std::shared_ptr<Entry> entry;
    Pid owner;
  };

  void take_turns();

  TcpOptions options_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  std::atomic<std::uint64_t> last_number_{0};
  mutable std::mutex table_mutex_;  // guards entries_, by_owner_
  std::unordered_map<std::uint64_t, Listed> entries_;
  std::unordered_map<Pid, std::set<std::uint64_t>> by_owner_;
  std::mutex turns_mutex_;  // guards turns_
  std::vector<std::shared_ptr<Entry>> turns_;
  std::array<char, tcp_read_max> buffer_;
  std::vector<asio::const_buffer> gathered_;
  std::thread thread_;  // last: it uses the rest
};

class TcpByteStreams::Hub::Entry : public std::enable_shared_from_this<Entry> {
 public:
  Entry(Hub& hub, Owner owner) : hub_(hub), number_(hub.next_number()), owner_(owner) {}
  virtual ~Entry() = default;

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
    // It died before it became the owner: nobody would close this.
    if (owner_.node != nullptr && owner_.node->find(owner) == nullptr) start_closing();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    start_closing();
  }

  // Any thread. A listener sends nothing.
  virtual bool send(Binary) { return true; }
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
  /*locked*/ void report_closed(Atom reason) {
    tell(owner_, EventKind::stream_close, number_, reason, 0);
    (void)deliver<Closed>(socket(), reason);
    owner_.node = nullptr;
    closing_ = true;
  }

  Hub& hub_;
  const std::uint64_t number_;
  std::mutex mutex_;  // guards all below
  Owner owner_;
  std::size_t credit_ = 0;
  bool turn_wanted_ = false;
  bool closing_ = false;
};

class TcpByteStreams::Hub::Stream final : public Entry {
 public:
  Stream(Hub& hub, Owner owner) : Entry(hub, owner), socket_(hub.io()), linger_(hub.io()) {}
  Stream(Hub& hub, Owner owner, tcp::socket socket)
      : Entry(hub, owner), socket_(std::move(socket)), linger_(hub.io()) {}

  std::shared_ptr<Stream> self() { return std::static_pointer_cast<Stream>(shared_from_this()); }

  bool send(Binary bytes) override;
  void connect(const Endpoint& to);  // I/O thread
  // I/O thread: the connection stands. Tells the owner.
  void open_connected();
  void open_accepted(Socket listener);
  void turn() override;

 private:
  void prepare();
  void connect_to(const tcp::endpoint& to);
  void flush();
  bool gather();
  std::size_t write_some(ErrorCode& error);
  void end_sending();
  void written(std::size_t bytes);
  void wait_writable();
  void wait_readable();
  void read();
  void received(std::size_t bytes);
  void fail(const ErrorCode& error);
  void begin_linger();
  void shut();

  // Guarded by mutex_.
  std::vector<Binary> queue_;
  std::size_t queued_bytes_ = 0;  // in queue_ and writing_
  bool above_high_ = false;

  // I/O thread.
  tcp::socket socket_;
  std::unique_ptr<tcp::resolver> resolver_;
  asio::steady_timer linger_;
  std::deque<Binary> writing_;
  std::size_t first_written_ = 0;  // bytes of writing_.front() that are gone
  bool is_open_ = false;           // connected, not shut
  bool is_gone_ = false;           // shut, for good
  bool waits_readable_ = false;
  bool waits_writable_ = false;
  bool lingers_ = false;
  bool discards_ = false;  // what still arrives is read and forgotten
};

bool TcpByteStreams::Hub::Stream::send(Binary bytes) {
  const std::lock_guard lock(mutex_);
  if (closing_ || bytes.empty()) return true;
  tell(owner_, EventKind::stream_send, number_, Atom(), static_cast<std::int64_t>(bytes.size()));
  queued_bytes_ += bytes.size();
  queue_.push_back(std::move(bytes));
  if (queued_bytes_ > send_queue_high) above_high_ = true;
  want_turn();
  return queued_bytes_ <= send_queue_high;
}

void TcpByteStreams::Hub::Stream::connect(const Endpoint& to) {
  if (is_gone_) return;
  ErrorCode error;
  const auto address = asio::ip::make_address(to.host.empty() ? "127.0.0.1" : to.host, error);
  if (!error) {
    connect_to({address, to.port});
    return;
  }
  resolver_ = std::make_unique<tcp::resolver>(hub_.io());
  resolver_->async_resolve(
      to.host, std::to_string(to.port),
      [stream = self()](const ErrorCode& failure, tcp::resolver::results_type found) {
        if (failure) return stream->fail(failure);
        stream->connect_to(*found.begin());
      });
}

void TcpByteStreams::Hub::Stream::connect_to(const tcp::endpoint& to) {
  if (is_gone_) return;
  if (!hub_.reaches(to.address())) {
    return fail(ErrorCode(EACCES, boost::system::system_category()));
  }
  socket_.async_connect(to, [stream = self()](const ErrorCode& failure) {
    if (failure) return stream->fail(failure);
    stream->open_connected();
  });
}

void TcpByteStreams::Hub::Stream::prepare() {
  ErrorCode ignored;  // a socket that fails here fails again at its first read
  socket_.non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
  is_open_ = true;
}

void TcpByteStreams::Hub::Stream::open_connected() {
  if (is_gone_) return;
  prepare();
  {
    const std::lock_guard lock(mutex_);
    tell(owner_, EventKind::stream_open, number_, Atom("connected"), 0, peer_name(socket_));
    if (!deliver<Connected>(socket())) closing_ = true;
  }
  turn();
}

void TcpByteStreams::Hub::Stream::open_accepted(Socket listener) {
  prepare();
  {
    const std::lock_guard lock(mutex_);
    const std::string peer = peer_name(socket_);
    tell(owner_, EventKind::stream_open, number_, Atom("accepted"), 0, peer);
    if (!deliver<Accepted>(socket(), listener, peer)) closing_ = true;
  }
  turn();
}

void TcpByteStreams::Hub::Stream::turn() {
  bool closing = false;
  bool may_read = false;
  bool too_much = false;
  {
    const std::lock_guard lock(mutex_);
    turn_wanted_ = false;
    closing = closing_;
    may_read = credit_ > 0;
    too_much = queued_bytes_ > tcp_send_queue_max;
  }
  if (too_much) return fail(ErrorCode(ENOBUFS, boost::system::system_category()));
  if (closing) begin_linger();
  if (!is_open_) return;
  flush();
  if (is_open_ && (may_read || discards_)) wait_readable();
}

// Takes over what was queued. False if there is nothing to write.
bool TcpByteStreams::Hub::Stream::gather() {
  const std::lock_guard lock(mutex_);
  for (Binary& bytes : queue_)
    writing_.push_back(std::move(bytes));
  queue_.clear();
  return !writing_.empty();
}

void TcpByteStreams::Hub::Stream::flush() {
  while (is_open_ && !waits_writable_ && gather()) {
    ErrorCode error;
    const std::size_t bytes = write_some(error);
    if (error == asio::error::would_block) return wait_writable();
    if (error) return fail(error);
    written(bytes);
  }
  if (is_open_ && lingers_ && writing_.empty()) end_sending();
}

std::size_t TcpByteStreams::Hub::Stream::write_some(ErrorCode& error) {
  std::vector<asio::const_buffer>& buffers = hub_.gathered();
  buffers.clear();
  std::size_t skip = first_written_;
  for (const Binary& bytes : writing_) {
    if (buffers.size() == tcp_gather_max) break;
    buffers.emplace_back(bytes.view().data() + skip, bytes.size() - skip);
    skip = 0;
  }
  return socket_.write_some(buffers, error);
}

// The other side reads to the end; what it still sends is drained, because closing with unread
// bytes would reset the connection and could take our last bytes with it.
void TcpByteStreams::Hub::Stream::end_sending() {
  if (std::exchange(discards_, true)) return;
  ErrorCode error;
  socket_.shutdown(tcp::socket::shutdown_send, error);
  if (error) shut();
}

void TcpByteStreams::Hub::Stream::written(std::size_t bytes) {
  std::size_t left = bytes;
  while (left > 0) {
    const std::size_t first = writing_.front().size() - first_written_;
    if (left < first) {
      first_written_ += left;
      break;
    }
    left -= first;
    first_written_ = 0;
    writing_.pop_front();
  }
  const std::lock_guard lock(mutex_);
  queued_bytes_ -= bytes;
  if (above_high_ && queued_bytes_ < send_queue_low) {
    above_high_ = false;
    (void)deliver<Drained>(socket());
  }
}

void TcpByteStreams::Hub::Stream::wait_writable() {
  waits_writable_ = true;
  socket_.async_wait(tcp::socket::wait_write, [stream = self()](const ErrorCode& error) {
    stream->waits_writable_ = false;
    if (error || !stream->is_open_) return;
    stream->flush();
    if (stream->is_open_ && stream->discards_) stream->wait_readable();
  });
}

void TcpByteStreams::Hub::Stream::wait_readable() {
  if (std::exchange(waits_readable_, true)) return;
  socket_.async_wait(tcp::socket::wait_read, [stream = self()](const ErrorCode& error) {
    stream->waits_readable_ = false;
    if (error || !stream->is_open_) return;
    stream->read();
  });
}

void TcpByteStreams::Hub::Stream::read() {
  std::size_t room = tcp_read_max;
  if (!discards_) {
    const std::lock_guard lock(mutex_);
    room = std::min(room, credit_);
  }
  if (room == 0) return;
  ErrorCode error;
  const std::size_t bytes = socket_.read_some(asio::buffer(hub_.buffer().data(), room), error);
  if (error == asio::error::would_block) return wait_readable();
  if (error) return discards_ ? shut() : fail(error);
  if (!discards_) received(bytes);
  turn();
}

void TcpByteStreams::Hub::Stream::received(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  credit_ -= bytes;
  tell(owner_, EventKind::stream_arrive, number_, Atom(), static_cast<std::int64_t>(bytes));
  Binary arrived(std::string_view(hub_.buffer().data(), bytes));
  if (!deliver<Bytes>(socket(), std::move(arrived))) closing_ = true;
}

// The connection is over, or never came to be. What is queued still leaves if the other side only
// ended its half.
void TcpByteStreams::Hub::Stream::fail(const ErrorCode& error) {
  {
    const std::lock_guard lock(mutex_);
    report_closed(reason_of(error));
  }
  if (error != asio::error::eof) return shut();
  begin_linger();
  flush();
  if (is_open_ && discards_) wait_readable();
}

// Closing: flush within tcp_close_linger, end our half, read to the end of theirs.
void TcpByteStreams::Hub::Stream::begin_linger() {
  if (std::exchange(lingers_, true)) return;
  if (!is_open_) return shut();  // not connected yet: nothing can have been sent
  linger_.expires_after(std::chrono::nanoseconds(tcp_close_linger.nanoseconds()));
  linger_.async_wait([stream = self()](const ErrorCode& error) {
    if (!error) stream->shut();
  });
}

void TcpByteStreams::Hub::Stream::shut() {
  is_open_ = false;
  is_gone_ = true;
  if (resolver_) resolver_->cancel();
  ErrorCode ignored;
  linger_.cancel();
  socket_.close(ignored);
  hub_.remove(number_);
}

class TcpByteStreams::Hub::Listener final : public Entry {
 public:
  Listener(Hub& hub, Owner owner) : Entry(hub, owner), acceptor_(hub.io()), rest_(hub.io()) {}

  std::shared_ptr<Listener> self() {
    return std::static_pointer_cast<Listener>(shared_from_this());
  }

  // The caller's thread, before anybody else knows this listener.
  ErrorCode open(const tcp::endpoint& at);
  std::uint16_t port() const {
    ErrorCode ignored;
    return acceptor_.local_endpoint(ignored).port();
  }
  void turn() override;

 private:
  void wait_incoming();
  void accept();
  void pause();

  tcp::acceptor acceptor_;
  asio::steady_timer rest_;
  bool waits_ = false;
};

boost::system::error_code TcpByteStreams::Hub::Listener::open(const tcp::endpoint& at) {
  ErrorCode error;
  acceptor_.open(at.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(at, error);
  if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
  if (!error) acceptor_.non_blocking(true, error);
  return error;
}

void TcpByteStreams::Hub::Listener::turn() {
  bool closing = false;
  bool may_accept = false;
  {
    const std::lock_guard lock(mutex_);
    turn_wanted_ = false;
    closing = closing_;
    may_accept = credit_ > 0;
  }
  if (closing) {
    ErrorCode ignored;
    acceptor_.close(ignored);
    rest_.cancel();
    hub_.remove(number_);
  } else if (may_accept) {
    wait_incoming();
  }
}

void TcpByteStreams::Hub::Listener::wait_incoming() {
  if (std::exchange(waits_, true)) return;
  acceptor_.async_wait(tcp::acceptor::wait_read, [listener = self()](const ErrorCode& error) {
    listener->waits_ = false;
    if (!error && listener->acceptor_.is_open()) listener->accept();
  });
}

void TcpByteStreams::Hub::Listener::accept() {
  ErrorCode error;
  tcp::socket incoming(hub_.io());
  acceptor_.accept(incoming, error);
  // It went away again, or another turn took it.
  if (error == asio::error::would_block || error == asio::error::connection_aborted) return turn();
  if (error) return pause();
  std::shared_ptr<Stream> stream;
  {
    const std::lock_guard lock(mutex_);
    if (closing_) return;
    --credit_;
    stream = std::make_shared<Stream>(hub_, owner_, std::move(incoming));
    hub_.add(stream, owner_.pid);
  }
  stream->open_accepted(socket());
  turn();
}

// Out of files or memory: trying again at once would only burn.
void TcpByteStreams::Hub::Listener::pause() {
  rest_.expires_after(std::chrono::nanoseconds(tcp_accept_pause.nanoseconds()));
  rest_.async_wait([listener = self()](const ErrorCode& error) {
    if (!error) listener->turn();
  });
}

TcpByteStreams::Hub::~Hub() {
  io_.stop();
  thread_.join();
}

void TcpByteStreams::Hub::add(std::shared_ptr<Entry> entry, Pid owner) {
  const std::uint64_t number = entry->socket().number;
  const std::lock_guard lock(table_mutex_);
  by_owner_[owner].insert(number);
  entries_.emplace(number, Listed{std::move(entry), owner});
}

void TcpByteStreams::Hub::remove(std::uint64_t number) {
  std::shared_ptr<Entry> last;  // released after the lock
  const std::lock_guard lock(table_mutex_);
  const auto found = entries_.find(number);
  if (found == entries_.end()) return;
  last = std::move(found->second.entry);
  const auto owned = by_owner_.find(found->second.owner);
  owned->second.erase(number);
  if (owned->second.empty()) by_owner_.erase(owned);
  entries_.erase(found);
}

std::shared_ptr<TcpByteStreams::Hub::Entry> TcpByteStreams::Hub::find(std::uint64_t number) const {
  const std::lock_guard lock(table_mutex_);
  const auto found = entries_.find(number);
  return found == entries_.end() ? nullptr : found->second.entry;
}

void TcpByteStreams::Hub::set_owner(std::uint64_t number, Pid owner) {
  const std::lock_guard lock(table_mutex_);
  const auto found = entries_.find(number);
  if (found == entries_.end()) return;
  const auto owned = by_owner_.find(found->second.owner);
  owned->second.erase(number);
  if (owned->second.empty()) by_owner_.erase(owned);
  found->second.owner = owner;
  by_owner_[owner].insert(number);
}

std::vector<std::shared_ptr<TcpByteStreams::Hub::Entry>> TcpByteStreams::Hub::owned_by(
    Pid owner) const {
  std::vector<std::shared_ptr<Entry>> result;
  const std::lock_guard lock(table_mutex_);
  const auto owned = by_owner_.find(owner);
  if (owned == by_owner_.end()) return result;
  for (const std::uint64_t number : owned->second)
    result.push_back(entries_.at(number).entry);
  return result;
}

std::size_t TcpByteStreams::Hub::size() const {
  const std::lock_guard lock(table_mutex_);
  return entries_.size();
}

void TcpByteStreams::Hub::ask_turn(std::shared_ptr<Entry> entry) {
  bool is_first = false;
  {
    const std::lock_guard lock(turns_mutex_);
    is_first = turns_.empty();
    turns_.push_back(std::move(entry));
  }
  if (is_first) asio::post(io_, [this] { take_turns(); });
}

void TcpByteStreams::Hub::take_turns() {
  std::vector<std::shared_ptr<Entry>> turns;
  {
    const std::lock_guard lock(turns_mutex_);
    turns.swap(turns_);
  }
  for (const std::shared_ptr<Entry>& entry : turns)
    entry->turn();
}

TcpByteStreams::TcpByteStreams(TcpOptions options) : hub_(std::make_unique<Hub>(options)) {}
TcpByteStreams::~TcpByteStreams() = default;

Result<ByteStreams::Listening> TcpByteStreams::listen(Node& node, Pid owner, const Endpoint& at) {
  ErrorCode error;
  const std::string host = at.host.empty() || at.host == "localhost" ? "127.0.0.1" : at.host;
  const auto address = asio::ip::make_address(host, error);
  if (error) return Error(host + " is no address to listen on", "eaddrnotavail");
  if (!hub_->reaches(address)) {
    return Error("listening on " + host + " is not allowed: only loopback addresses are", "eacces");
  }
  const auto listener = std::make_shared<Hub::Listener>(*hub_, Owner{&node, owner});
  error = listener->open({address, at.port});
  if (error) {
    return Error(
        "cannot listen on " + host + ":" + std::to_string(at.port) + ": " + error.message(),
        std::string(reason_of(error).text()));
  }
  hub_->add(listener, owner);
  const Listening result{.socket = listener->socket(), .port = listener->port()};
  tell({&node, owner}, EventKind::stream_open, result.socket.number, Atom("listening"), result.port,
       host + ":" + std::to_string(result.port));
  return result;
}

Socket TcpByteStreams::connect(Node& node, Pid owner, const Endpoint& to) {
  const auto stream = std::make_shared<Hub::Stream>(*hub_, Owner{&node, owner});
  hub_->add(stream, owner);
  asio::post(hub_->io(), [stream, to] { stream->connect(to); });
  return stream->socket();
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

std::size_t TcpByteStreams::open_count() const {
  return hub_->size();
}

}  // namespace glasshouse::runtime
