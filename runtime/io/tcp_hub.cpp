#include "runtime/io/tcp_hub.h"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <signal.h>

#include "runtime/io/errno_name.h"
#include "runtime/observe/system_monitor.h"

namespace glasshouse::runtime {

namespace asio = boost::asio;

void tell(const SocketOwner& owner, EventKind kind, std::uint64_t number, Atom name,
          std::int64_t argument, std::string_view text) {
  if (owner.node == nullptr || !owner.node->wants(kind)) return;
  owner.node->emit({.kind = kind,
                    .name = name,
                    .subject = owner.node->key_of(owner.pid),
                    .message = number,
                    .argument = argument},
                   text);
}

Atom reason_of(const boost::system::error_code& error) {
  if (error == asio::error::eof) return atoms::normal;
  if (error == asio::error::broken_pipe) return errno_atom(ECONNRESET);
  if (error.category() == boost::system::system_category()) return errno_atom(error.value());
  return errno_atom(EHOSTUNREACH);  // a name that does not resolve
}

// Writing to a program that reads no more would raise SIGPIPE in this thread: it is EPIPE here.
void TcpHub::run() {
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  io_.run();
}

TcpHub::~TcpHub() {
  io_.stop();
  thread_.join();
}

void TcpHub::add(std::shared_ptr<TcpEntry> entry, Pid owner) {
  const std::uint64_t number = entry->socket().number;
  const std::lock_guard lock(table_mutex_);
  by_owner_[owner].insert(number);
  entries_.emplace(number, Listed{std::move(entry), owner});
}

void TcpHub::remove(std::uint64_t number) {
  std::shared_ptr<TcpEntry> last;  // released after the lock
  const std::lock_guard lock(table_mutex_);
  const auto found = entries_.find(number);
  if (found == entries_.end()) return;
  last = std::move(found->second.entry);
  const auto owned = by_owner_.find(found->second.owner);
  owned->second.erase(number);
  if (owned->second.empty()) by_owner_.erase(owned);
  entries_.erase(found);
}

std::shared_ptr<TcpEntry> TcpHub::find(std::uint64_t number) const {
  const std::lock_guard lock(table_mutex_);
  const auto found = entries_.find(number);
  return found == entries_.end() ? nullptr : found->second.entry;
}

void TcpHub::set_owner(std::uint64_t number, Pid owner) {
  const std::lock_guard lock(table_mutex_);
  const auto found = entries_.find(number);
  if (found == entries_.end()) return;
  const auto owned = by_owner_.find(found->second.owner);
  owned->second.erase(number);
  if (owned->second.empty()) by_owner_.erase(owned);
  found->second.owner = owner;
  by_owner_[owner].insert(number);
}

std::vector<std::shared_ptr<TcpEntry>> TcpHub::owned_by(Pid owner) const {
  std::vector<std::shared_ptr<TcpEntry>> result;
  const std::lock_guard lock(table_mutex_);
  const auto owned = by_owner_.find(owner);
  if (owned == by_owner_.end()) return result;
  for (const std::uint64_t number : owned->second)
    result.push_back(entries_.at(number).entry);
  return result;
}

std::vector<std::shared_ptr<TcpEntry>> TcpHub::all() const {
  std::vector<std::shared_ptr<TcpEntry>> result;
  const std::lock_guard lock(table_mutex_);
  for (const auto& [number, listed] : entries_)
    result.push_back(listed.entry);
  return result;
}

std::size_t TcpHub::size() const {
  const std::lock_guard lock(table_mutex_);
  return entries_.size();
}

void TcpHub::ask_turn(std::shared_ptr<TcpEntry> entry) {
  bool is_first = false;
  {
    const std::lock_guard lock(turns_mutex_);
    is_first = turns_.empty();
    turns_.push_back(std::move(entry));
  }
  if (is_first) asio::post(io_, [this] { take_turns(); });
}

void TcpHub::take_turns() {
  std::vector<std::shared_ptr<TcpEntry>> turns;
  {
    const std::lock_guard lock(turns_mutex_);
    turns.swap(turns_);
  }
  for (const std::shared_ptr<TcpEntry>& entry : turns)
    entry->turn();
}

void TcpEntry::received(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  credit_ -= bytes;
  tell(owner_, EventKind::stream_arrive, number_, Atom(), static_cast<std::int64_t>(bytes));
  Binary arrived(std::string_view(hub_.buffer().data(), bytes));
  if (!deliver<Bytes>(socket(), std::move(arrived))) closing_ = true;
}

void TcpEntry::tell_busy() {
  if (owner_.node == nullptr) return;
  owner_.node->system_monitor().tell(BusyStream{.pid = owner_.pid, .socket = socket()});
}

}  // namespace glasshouse::runtime
