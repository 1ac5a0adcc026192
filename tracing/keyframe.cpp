// How a WorldModel becomes bytes and back: varints, process after process in their order. The
// format belongs to the schema version of the file.

#include "tracing/varint.h"
#include "tracing/world_model.h"

namespace glasshouse::tracing {

namespace {

using Process = WorldModel::Process;
using Supervisor = WorldModel::Supervisor;

void put_supervisor(std::string& bytes, const Supervisor& supervisor) {
  put_varint(bytes, supervisor.strategy);
  put_varint(bytes, zigzag(supervisor.intensity));
  put_varint(bytes, zigzag(supervisor.period));
  put_varint(bytes, supervisor.children.size());
  for (const auto& child : supervisor.children) {
    put_varint(bytes, child.id);
    put_varint(bytes, child.process);
    put_varint(bytes, zigzag(child.type));
    put_varint(bytes, child.restarts);
    put_varint(bytes, child.started);
  }
  put_varint(bytes, supervisor.restarts.size());
  for (const auto& restart : supervisor.restarts) {
    put_varint(bytes, restart.seq);
    put_varint(bytes, zigzag(restart.time));
  }
}

std::unique_ptr<Supervisor> next_supervisor(VarintCursor& cursor) {
  auto supervisor = std::make_unique<Supervisor>();
  supervisor->strategy = static_cast<NameId>(cursor.next());
  supervisor->intensity = unzigzag(cursor.next());
  supervisor->period = unzigzag(cursor.next());
  supervisor->children.resize(cursor.next_count());
  for (auto& child : supervisor->children) {
    child.id = static_cast<NameId>(cursor.next());
    child.process = static_cast<ProcessNumber>(cursor.next());
    child.type = unzigzag(cursor.next());
    child.restarts = static_cast<std::uint32_t>(cursor.next());
    child.started = cursor.next();
  }
  supervisor->restarts.resize(cursor.next_count());
  for (auto& restart : supervisor->restarts) {
    restart.seq = cursor.next();
    restart.time = unzigzag(cursor.next());
  }
  return supervisor;
}

void put_lists(std::string& bytes, const Process& process) {
  put_varint(bytes, process.mailbox_length());
  Seq sent = 0;
  for (std::size_t i = process.mail_first; i < process.mail.size(); ++i) {
    put_varint(bytes, process.mail[i].message);
    put_varint(bytes, zigzag(static_cast<std::int64_t>(process.mail[i].sent - sent)));
    sent = process.mail[i].sent;
  }
  put_varint(bytes, process.links.size());
  for (const ProcessNumber linked : process.links)
    put_varint(bytes, linked);
  put_varint(bytes, process.monitors.size());
  for (const auto& monitor : process.monitors) {
    put_varint(bytes, monitor.ref);
    put_varint(bytes, monitor.whom);
  }
  put_varint(bytes, process.timers.size());
  for (const auto& timer : process.timers) {
    put_varint(bytes, timer.number);
    put_varint(bytes, timer.started);
  }
}

void next_lists(VarintCursor& cursor, Process& process) {
  process.mail.resize(cursor.next_count());
  Seq sent = 0;
  for (auto& mail : process.mail) {
    mail.message = cursor.next();
    sent += static_cast<std::uint64_t>(unzigzag(cursor.next()));
    mail.sent = sent;
  }
  process.links.resize(cursor.next_count());
  for (ProcessNumber& linked : process.links)
    linked = static_cast<ProcessNumber>(cursor.next());
  process.monitors.resize(cursor.next_count());
  for (auto& monitor : process.monitors) {
    monitor.ref = cursor.next();
    monitor.whom = static_cast<ProcessNumber>(cursor.next());
  }
  process.timers.resize(cursor.next_count());
  for (auto& timer : process.timers) {
    timer.number = cursor.next();
    timer.started = cursor.next();
  }
}

void put_process(std::string& bytes, const Process& process) {
  put_varint(bytes, process.key);
  put_varint(bytes, process.parent);
  put_varint(bytes, process.behaviour);
  put_varint(bytes, process.name);
  const bool has_lists = process.mailbox_length() != 0 || !process.links.empty() ||
                         !process.monitors.empty() || !process.timers.empty();
  put_varint(bytes,
             (process.waiting ? 1U : 0U) | (process.supervisor ? 2U : 0U) | (has_lists ? 4U : 0U));
  put_varint(bytes, process.wait_name);
  put_varint(bytes, process.wait_whom);
  put_varint(bytes, zigzag(process.wait_since));
  put_varint(bytes, process.received);
  put_varint(bytes, process.reductions);
  put_varint(bytes, process.spawned);
  put_varint(bytes, process.label);
  put_varint(bytes, process.state);
  put_varint(bytes, process.previous_state);
  put_varint(bytes, process.crash);
  put_varint(bytes, process.place);
  if (has_lists) put_lists(bytes, process);
  if (process.supervisor) put_supervisor(bytes, *process.supervisor);
}

void next_process(VarintCursor& cursor, Process& process) {
  process.key = cursor.next();
  process.parent = static_cast<ProcessNumber>(cursor.next());
  process.behaviour = static_cast<NameId>(cursor.next());
  process.name = static_cast<NameId>(cursor.next());
  const std::uint64_t flags = cursor.next();
  process.waiting = flags & 1;
  process.wait_name = static_cast<NameId>(cursor.next());
  process.wait_whom = static_cast<ProcessNumber>(cursor.next());
  process.wait_since = unzigzag(cursor.next());
  process.received = cursor.next();
  process.reductions = cursor.next();
  process.spawned = cursor.next();
  process.label = cursor.next();
  process.state = cursor.next();
  process.previous_state = cursor.next();
  process.crash = cursor.next();
  process.place = static_cast<std::uint32_t>(cursor.next());
  if (flags & 4) next_lists(cursor, process);
  if (flags & 2) process.supervisor = next_supervisor(cursor);
}

}  // namespace

std::string WorldModel::encode() const {
  std::string bytes;
  put_varint(bytes, seq_);
  put_varint(bytes, name_restart_);
  put_varint(bytes, name_simple_);
  put_varint(bytes, alive_count_);
  ProcessNumber last = 0;
  for (const auto& process : processes_) {
    if (!process) continue;
    put_varint(bytes, process->number - last);
    last = process->number;
    put_process(bytes, *process);
  }
  return bytes;
}

bool WorldModel::decode(std::string_view bytes, ProcessNumber numbers_max) {
  *this = WorldModel();
  VarintCursor cursor(bytes);
  seq_ = cursor.next();
  name_restart_ = static_cast<NameId>(cursor.next());
  name_simple_ = static_cast<NameId>(cursor.next());
  const std::uint64_t count = cursor.next_count();
  std::uint64_t number = 0;
  for (std::uint64_t i = 0; i < count && cursor.good(); ++i) {
    const std::uint64_t distance = cursor.next();
    if (distance == 0 || distance > numbers_max - number) return false;
    number += distance;
    next_process(cursor, make(static_cast<ProcessNumber>(number)));
  }
  return cursor.good() && cursor.at_end();
}

}  // namespace glasshouse::tracing
