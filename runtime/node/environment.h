#pragma once
// Everything a node needs from the world it lives in. Replace the environment, never the machinery:
// mailboxes, links, timers, supervisors are the same objects in both worlds.

namespace glasshouse::runtime {

class ByteStreams;
class Clock;
class Decisions;
class Executor;
class Storage;
class Tracer;

// All must outlive the node.
struct Environment {
  Executor& executor;
  Clock& clock;
  ByteStreams& network;
  Storage& storage;
  Tracer& tracer;
  Decisions& decide;
};

}  // namespace glasshouse::runtime
