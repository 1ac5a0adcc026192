#pragma once
// The environment of the real world: the system's clocks, true randomness, and all that a node
// needs in one object. Any thread.

#include <chrono>
#include <cstdint>
#include <string>

#include "runtime/io/folder_storage.h"
#include "runtime/io/tcp_streams.h"
#include "runtime/node/clock.h"
#include "runtime/node/decisions.h"
#include "runtime/node/environment.h"
#include "runtime/observe/tracer.h"
#include "runtime/schedule/multicore.h"

namespace glasshouse::runtime {

// Counts from its own construction.
class SystemClock final : public Clock {
 public:
  SystemClock() : start_(std::chrono::steady_clock::now()) {}
  Instant now() const override;
  Instant wall() const override;

 private:
  std::chrono::steady_clock::time_point start_;
};

// Draws that nobody can repeat: each thread has a counter-based generator of its own, seeded by the
// operating system. The address of a choice plays no part, and the numbers are not for secrets.
class SystemDecisions final : public Decisions {
 public:
  std::uint64_t draw(Choice choice, std::uint64_t entity) override;
};

struct MulticoreWorldOptions {
  MulticoreOptions executor;
  TcpOptions network;
  std::string folder;  // where the nodes' files are
};

// Everything a node on this machine needs; destroyed after its nodes.
class MulticoreWorld {
 public:
  // `tracer` outlives this world.
  MulticoreWorld(const MulticoreWorldOptions& options, Tracer& tracer)
      : network_(options.network),
        storage_(options.folder),
        executor_(options.executor),
        tracer_(tracer) {}

  Environment environment() {
    return {.executor = executor_,
            .clock = clock_,
            .network = network_,
            .storage = storage_,
            .tracer = tracer_,
            .decide = decisions_};
  }
  Multicore& executor() { return executor_; }
  const SystemClock& clock() const { return clock_; }

 private:
  SystemClock clock_;
  SystemDecisions decisions_;
  TcpByteStreams network_;
  FolderStorage storage_;
  Multicore executor_;
  Tracer& tracer_;
};

}  // namespace glasshouse::runtime
