#pragma once
// Listens, and gives each connection that comes in to a process of its own.

#include <cstddef>

#include "runtime/behaviour/gen_server.h"
#include "runtime/io/byte_streams.h"
#include "scenarios/kv/kv.h"

namespace glasshouse::scenarios::kv {

class KvAcceptor {
 public:
  using Accepts = runtime::Messages<runtime::Accepted, runtime::Down, runtime::Closed>;

  // Listens, or exits with {listen, Reason}.
  KvAcceptor(runtime::Self self, Options options);

  runtime::Task<void> handle(runtime::Accepted accepted);
  // A connection ended: another one may come.
  void handle(runtime::Down down);
  void handle(runtime::Closed closed);
  runtime::Term describe() const;

 private:
  runtime::Self self_;
  Options options_;
  runtime::Socket listener_;
  std::uint16_t port_ = 0;
  std::size_t connections_ = 0;
};

}  // namespace glasshouse::scenarios::kv
