#include "scenarios/kv/acceptor.h"

#include <utility>

#include "runtime/behaviour/supervisor.h"
#include "scenarios/kv/connection.h"

namespace glasshouse::scenarios::kv {

using runtime::Accepted;
using runtime::Closed;
using runtime::Down;
using runtime::Self;
using runtime::Task;
using runtime::Term;
using namespace runtime::literals;

namespace {

runtime::ChildOffer connection_child(const Options& options, const Accepted& accepted) {
  ConnectionOptions connection{.socket = accepted.socket,
                               .peer = accepted.peer,
                               .shards = options.shards,
                               .pipeline_max = options.pipeline_max};
  return runtime::offer_of({.id = "kv_connection"_atom,
                            .start = runtime::child<KvConnection>(std::move(connection)),
                            .restart = runtime::Restart::temporary});
}

}  // namespace

KvAcceptor::KvAcceptor(Self self, Options options) : self_(self), options_(std::move(options)) {
  self_.own_io();
  const auto listening = self_.network().listen(self_.node(), self_.pid(),
                                                {.host = options_.host, .port = options_.port});
  if (!listening) {
    self_.log(Self::Level::error, listening.error().what);
    self_.exit(runtime::tuple(Term("listen"_atom), Term(runtime::Atom(listening.error().code))));
  }
  listener_ = listening->socket;
  port_ = listening->port;
  self_.probe("kv_port"_atom, port_);
  if (options_.on_listening) options_.on_listening(port_);
  self_.network().credit(listener_, options_.connections_max);
}

Task<void> KvAcceptor::handle(Accepted accepted) {
  const auto offer = connection_child(options_, accepted);
  const auto supervisor = "kv_connection_sup"_atom;
  auto starting = self_.call<runtime::StartChild>(supervisor, offer);
  const runtime::ChildAnswer started = co_await starting;
  if (!started.ok()) {
    self_.network().close(accepted.socket);
    self_.network().credit(listener_, 1);
    co_return;
  }
  ++connections_;
  self_.monitor(started.pid);
  self_.network().give(accepted.socket, started.pid);
  self_.send<Serve>(started.pid);
}

void KvAcceptor::handle(Down) {
  --connections_;
  self_.network().credit(listener_, 1);
}

// The listener is gone; another one is the work of our successor.
void KvAcceptor::handle(Closed closed) {
  if (closed.socket != listener_) return;
  self_.exit(runtime::tuple(Term("listener_closed"_atom), Term(closed.reason)));
}

Term KvAcceptor::describe() const {
  return runtime::map("port"_atom, port_, "connections"_atom, connections_);
}

}  // namespace glasshouse::scenarios::kv
