// A name with several addresses. No name of a machine is sure to have them, so this program answers
// for some names itself, in place of the C library. In the simulator a name is one host.

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <netdb.h>

#include "tests/catch.h"
#include "tests/runtime/io/one_worker.h"

namespace {

// Nobody listens at 127.0.0.2 and 127.0.0.3 at the port of the tests; 192.0.2.1 is out of reach.
const std::map<std::string, std::vector<const char*>> addresses_of{
    {"dead-then-alive.test", {"127.0.0.2", "127.0.0.1"}},
    {"barred-then-alive.test", {"192.0.2.1", "127.0.0.1"}},
    {"dead-then-dead.test", {"127.0.0.2", "127.0.0.3"}},
    {"dead-then-barred.test", {"127.0.0.2", "192.0.2.1"}},
};

using Resolve = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

Resolve of_the_library() {
  void* const found = dlsym(RTLD_NEXT, "getaddrinfo");
  Resolve resolve = nullptr;
  static_assert(sizeof(resolve) == sizeof(found));
  std::memcpy(&resolve, &found, sizeof(found));
  return resolve;
}

}  // namespace

// freeaddrinfo walks a list and frees one after the other, so lists may be put together.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  static const Resolve resolve = of_the_library();
  const auto known = addresses_of.find(name == nullptr ? "" : name);
  if (known == addresses_of.end()) return resolve(name, service, hints, found);
  addrinfo** end = found;
  for (const char* const address : known->second) {
    if (const int failure = resolve(address, service, hints, end)) return failure;
    while (*end != nullptr)
      end = &(*end)->ai_next;
  }
  return 0;
}

namespace glasshouse::runtime {

namespace {

using namespace literals;

// Connects to that name at the port of a listener at 127.0.0.1.
Task<Socket> connect_to(Self self, const char* name) {
  self.own_io();
  const auto listening = self.network().listen(self.node(), self.pid(), {.host = "127.0.0.1"});
  EXPECT(listening.ok());
  self.network().credit(listening->socket, 1);
  co_return self.network().connect(self.node(), self.pid(),
                                   {.host = name, .port = listening->port});
}

Behaviour is_connected(Self self, const char* name) {
  auto connecting = connect_to(self, name);
  const Socket socket = co_await connecting;
  auto answering = self.receive<Connected, Closed>();
  const auto answer = co_await answering;
  const Connected* const connected = std::get_if<Connected>(&answer);
  EXPECT(connected != nullptr);
  EXPECT(connected->socket == socket);
  const Accepted accepted = co_await self.receive<Accepted>();
  // It is this connection, and its first try left nothing behind that speaks.
  self.network().credit(accepted.socket, 100);
  self.network().send(socket, Binary("hello"));
  const Bytes bytes = co_await self.receive<Bytes>();
  EXPECT(bytes.socket == accepted.socket);
  EXPECT(bytes.bytes.view() == "hello");
  const auto more = co_await self.receive<Closed, Connected>(Duration::zero());
  EXPECT(!more.has_value());
}

Behaviour is_closed(Self self, const char* name, Atom reason) {
  auto connecting = connect_to(self, name);
  const Socket socket = co_await connecting;
  auto answering = self.receive<Connected, Closed>();
  const auto answer = co_await answering;
  const Closed* const closed = std::get_if<Closed>(&answer);
  EXPECT(closed != nullptr);
  EXPECT(closed->socket == socket);
  EXPECT(closed->reason == reason);
}

}  // namespace

TEST_CASE("where the first address of a name is dead, the second is connected to", "[tcp]") {
  SmallWorld().expect_normal_exit<is_connected>("dead-then-alive.test");
  SmallWorld().expect_normal_exit<is_connected>("barred-then-alive.test");
}

TEST_CASE("where no address of a name answers, the reason is that of the last", "[tcp]") {
  SmallWorld().expect_normal_exit<is_closed>("dead-then-dead.test", "econnrefused"_atom);
  SmallWorld().expect_normal_exit<is_closed>("dead-then-barred.test", "eacces"_atom);
}

}  // namespace glasshouse::runtime
