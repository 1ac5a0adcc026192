// The world at a moment: the keyframe before it and the events since then. The last world is kept,
// so that stepping forward costs the events stepped over.

#include <algorithm>
#include <map>
#include <utility>

#include "tracing/reader_parts.h"

namespace glasshouse::tracing {

namespace {

Instant instant(std::int64_t nanoseconds) {
  return Instant::at(Duration::nanoseconds(nanoseconds));
}

// Stepping forward so far at most is cheaper than starting from a keyframe.
constexpr Seq step_max = 8'192;

// How often the place of each child was restarted.
std::map<ProcessNumber, std::uint32_t> restarts_by_child(const WorldModel& world) {
  std::map<ProcessNumber, std::uint32_t> restarts;
  for (const auto* process : world.alive()) {
    if (!process->supervisor) continue;
    for (const auto& child : process->supervisor->children) {
      if (child.restarts != 0) restarts[child.process] = child.restarts;
    }
  }
  return restarts;
}

}  // namespace

Result<void> Reader::Implementation::advance(WorldModel& world, Seq at) {
  if (world.seq() >= at) return {};
  auto rows = database->prepare(
      "SELECT seq, time, kind, node, subject, peer, name, message, argument FROM events "
      "WHERE seq > ? AND seq <= ? ORDER BY seq");
  if (!rows) return rows.error();
  rows->bind(1, static_cast<std::int64_t>(world.seq()));
  rows->bind(2, static_cast<std::int64_t>(at));
  for (;;) {
    auto more = rows->step();
    if (!more) return more.error();
    if (!*more) return {};
    const NumberedEvent event = numbered_of(*rows);
    std::uint64_t key = 0;
    if (event.kind == EventKind::spawn) {
      auto known = facts(event.subject);
      if (!known) return known.error();
      key = (*known)->key.value;
    }
    world.apply(event, key);
  }
}

Result<WorldModel*> Reader::Implementation::world_at(Seq at) {
  at = std::min(at, run.events);
  const bool near = model && model->seq() <= at && at - model->seq() <= step_max;
  if (!near) {
    auto keyframe = database->prepare(
        "SELECT seq, world FROM keyframes WHERE seq <= ? ORDER BY seq DESC LIMIT 1");
    if (!keyframe) return keyframe.error();
    keyframe->bind(1, static_cast<std::int64_t>(at));
    auto there = keyframe->step();
    if (!there) return there.error();
    const bool is_ahead = model && model->seq() <= at && *there &&
                          static_cast<Seq>(keyframe->number(0)) <= model->seq();
    if (!is_ahead) {
      model.emplace();
      if (*there && !model->decode(keyframe->blob(1), processes_max)) {
        model.reset();
        return damaged("the keyframe before event " + std::to_string(at) + " cannot be read");
      }
    }
  }
  for (std::size_t id = 1; id < names.size(); ++id) {
    model->learn_name(static_cast<NameId>(id), names[id]);
  }
  if (auto advanced = advance(*model, at); !advanced) {
    model.reset();
    return advanced.error();
  }
  return &*model;
}

Result<ProcessRow> Reader::Implementation::row_of(const WorldModel::Process& process) {
  ProcessRow row;
  row.number = process.number;
  row.key.value = process.key;
  row.pid = to_string(row.key);
  row.name = name_text(process.name);
  row.behaviour = name_text(process.behaviour);
  row.parent = process.parent;
  row.state = process.waiting ? ProcessState::waiting : ProcessState::runnable;
  if (process.waiting) {
    row.waiting_for = name_text(process.wait_name);
    row.waiting_whom = process.wait_whom;
    row.since = instant(process.wait_since);
  }
  row.mailbox = static_cast<std::uint32_t>(process.mailbox_length());
  row.received = process.received;
  row.reductions = process.reductions;
  row.links = static_cast<std::uint32_t>(process.links.size());
  row.monitors = static_cast<std::uint32_t>(process.monitors.size());
  row.supervisor = process.supervisor != nullptr;
  row.spawned = process.spawned;
  row.last_state = process.state;
  if (process.label != 0) {
    const auto known = labels.find(process.label);
    if (known != labels.end()) {
      row.label = known->second;
    } else {
      auto text = detail_of(process.label);
      if (!text) return text.error();
      row.label = labels[process.label] = *text;
    }
  }
  return row;
}

Result<ProcessRow> Reader::Implementation::exited_row(ProcessNumber number,
                                                      const ProcessFacts& facts) {
  ProcessRow row;
  row.number = number;
  row.key = facts.key;
  row.pid = facts.pid;
  row.name = facts.name;
  row.behaviour = facts.behaviour;
  row.parent = facts.parent;
  row.state = ProcessState::exited;
  row.spawned = facts.spawned;
  row.exited = facts.exited;
  row.reason = facts.reason;
  auto end = event(facts.exited);
  if (!end) return end.error();
  if (!*end) return row;
  row.since = (*end)->time;
  // What ended with its node told nothing of itself.
  if ((*end)->kind == EventKind::exit) row.reductions = (*end)->message;
  return row;
}

Result<std::vector<ProcessName>> Reader::Implementation::names_of(
    const std::vector<ProcessNumber>& numbers) {
  std::vector<ProcessName> named;
  named.reserve(numbers.size());
  for (const ProcessNumber number : numbers) {
    auto name = process_name(number);
    if (!name) return name.error();
    named.push_back(std::move(*name));
  }
  return named;
}

// -- questions ------------------------------------------------------------------------------------

Result<std::vector<ProcessRow>> Reader::processes(Seq at, bool with_exited) {
  auto& all = *implementation_;
  auto world = all.world_at(at);
  if (!world) return world.error();
  const auto alive = (*world)->alive();
  const auto restarts = restarts_by_child(**world);
  std::vector<ProcessRow> rows;
  rows.reserve(alive.size());
  for (const auto* process : alive) {
    auto row = all.row_of(*process);
    if (!row) return row.error();
    const auto count = restarts.find(process->number);
    if (count != restarts.end()) row->restarts = count->second;
    rows.push_back(std::move(*row));
  }
  if (!with_exited) return rows;
  for (ProcessNumber number = 1; number <= all.processes_max; ++number) {
    auto facts = all.facts(number);
    if (!facts) return facts.error();
    if ((*facts)->exited == 0 || (*facts)->exited > at || (*facts)->spawned == 0) continue;
    auto row = all.exited_row(number, **facts);
    if (!row) return row.error();
    rows.push_back(std::move(*row));
  }
  std::sort(rows.begin(), rows.end(),
            [](const ProcessRow& a, const ProcessRow& b) { return a.number < b.number; });
  return rows;
}

namespace {

struct Relatives {
  std::vector<ProcessNumber> children;
  std::vector<ProcessNumber> watchers;
  ProcessNumber supervisor = 0;
  std::uint32_t restarts = 0;
};

// What other processes know of this one.
Relatives relatives_of(const WorldModel& world, ProcessNumber number) {
  Relatives relatives;
  for (const auto* other : world.alive()) {
    if (other->parent == number) relatives.children.push_back(other->number);
    for (const auto& monitor : other->monitors) {
      if (monitor.whom == number) relatives.watchers.push_back(other->number);
    }
    if (!other->supervisor) continue;
    for (const auto& child : other->supervisor->children) {
      if (child.process != number) continue;
      relatives.supervisor = other->number;
      relatives.restarts = child.restarts;
    }
  }
  return relatives;
}

}  // namespace

Result<void> Reader::Implementation::describe_alive(const WorldModel::Process& process,
                                                    ProcessDetails& details) {
  auto row = row_of(process);
  if (!row) return row.error();
  details.row = std::move(*row);
  details.state_seq = process.state;
  details.previous_state_seq = process.previous_state;
  auto whom = process_name(details.row.waiting_whom);
  if (!whom) return whom.error();
  details.waiting_whom = std::move(*whom);
  for (const auto& monitor : process.monitors) {
    auto watched = process_name(monitor.whom);
    if (!watched) return watched.error();
    details.monitors.push_back({monitor.ref, std::move(*watched)});
  }
  auto links = names_of(process.links);
  if (!links) return links.error();
  details.links = std::move(*links);
  return {};
}

Result<void> Reader::Implementation::describe_exited(ProcessNumber number,
                                                     const ProcessFacts& facts, Seq at,
                                                     ProcessDetails& details) {
  auto row = exited_row(number, facts);
  if (!row) return row.error();
  details.row = std::move(*row);
  details.exit_reason = facts.reason;
  auto condition = condition_of(
      {.kinds = runtime::kind_bit(EventKind::state), .processes = {number}, .as_subject = true});
  if (!condition) return condition.error();
  auto last = events({.last = at, .limit = 2, .direction = Direction::backward}, *condition);
  if (!last) return last.error();
  if (!last->empty()) details.state_seq = details.row.last_state = last->front().seq;
  if (last->size() == 2) details.previous_state_seq = last->back().seq;
  return {};
}

// Parent first. A parent is always spawned before its child, so the chain ends.
Result<std::vector<ProcessName>> Reader::Implementation::ancestors_of(ProcessNumber number) {
  std::vector<ProcessNumber> ancestors;
  for (;;) {
    auto known = facts(number);
    if (!known) return known.error();
    const ProcessNumber parent = (*known)->parent;
    if (parent == 0 || parent >= number) return names_of(ancestors);
    ancestors.push_back(parent);
    number = parent;
  }
}

Result<ProcessDetails> Reader::process(ProcessNumber number, Seq at) {
  auto& all = *implementation_;
  at = std::min(at, all.run.events);
  auto world = all.world_at(at);
  if (!world) return world.error();
  auto known = all.facts(number);
  if (!known) return known.error();
  const ProcessFacts facts = **known;
  ProcessDetails details;
  Result<void> described;
  if (const WorldModel::Process* process = (*world)->find(number)) {
    described = all.describe_alive(*process, details);
  } else if (facts.exited != 0 && facts.exited <= at) {
    described = all.describe_exited(number, facts, at, details);
  } else {
    return Error(all.run.file + ": process number " + std::to_string(number) +
                     " was not there at event " + std::to_string(at) +
                     "; choose a later moment or another process.",
                 "noproc");
  }
  if (!described) return described.error();
  const Relatives relatives = relatives_of(**world, number);
  details.row.restarts = relatives.restarts;
  auto ancestors = all.ancestors_of(number);
  if (!ancestors) return ancestors.error();
  details.ancestors = std::move(*ancestors);
  auto children = all.names_of(relatives.children);
  if (!children) return children.error();
  details.children = std::move(*children);
  auto watchers = all.names_of(relatives.watchers);
  if (!watchers) return watchers.error();
  details.monitored_by = std::move(*watchers);
  auto supervisor = all.process_name(relatives.supervisor);
  if (!supervisor) return supervisor.error();
  details.supervisor = std::move(*supervisor);
  auto state = all.detail_of(details.state_seq);
  if (!state) return state.error();
  details.state = std::move(*state);
  auto previous = all.detail_of(details.previous_state_seq);
  if (!previous) return previous.error();
  details.previous_state = std::move(*previous);
  return details;
}

Result<Mailbox> Reader::mailbox(ProcessNumber number, Seq at, std::size_t limit) {
  auto& all = *implementation_;
  auto world = all.world_at(at);
  if (!world) return world.error();
  Mailbox mailbox;
  const WorldModel::Process* process = (*world)->find(number);
  if (!process) return mailbox;
  mailbox.length = static_cast<std::uint32_t>(process->mailbox_length());
  for (std::size_t i = process->mail_first; i < process->mail.size(); ++i) {
    if (mailbox.messages.size() == limit) break;
    auto sent = all.event(process->mail[i].sent);
    if (!sent) return sent.error();
    if (!*sent) continue;
    MailboxMessage message;
    message.message = process->mail[i].message;
    message.sent = (*sent)->seq;
    message.sent_at = (*sent)->time;
    message.sender = std::move((*sent)->subject);
    message.type = std::move((*sent)->name);
    message.text = std::move((*sent)->detail);
    mailbox.messages.push_back(std::move(message));
  }
  return mailbox;
}

Result<SupervisorInfo> Reader::Implementation::supervisor_of(const WorldModel& world,
                                                             const WorldModel::Process& process,
                                                             Seq at) {
  const WorldModel::Supervisor& known = *process.supervisor;
  SupervisorInfo info;
  auto name = process_name(process.number);
  if (!name) return name.error();
  info.process = std::move(*name);
  const WorldModel::Process* parent = world.find(process.parent);
  if (parent && parent->supervisor) info.parent = process.parent;
  info.strategy = name_text(known.strategy);
  info.intensity = static_cast<std::uint32_t>(std::max<std::int64_t>(0, known.intensity));
  info.period = Duration::nanoseconds(known.period);
  info.state = process.waiting ? ProcessState::waiting : ProcessState::runnable;
  auto now = time_of(at);
  if (!now) return now.error();
  for (const auto& restart : known.restarts) {
    if (instant(*now) - instant(restart.time) <= info.period) ++info.used;
  }
  for (const auto& child : known.children) {
    ChildRow row;
    row.id = name_text(child.id);
    auto child_name = process_name(child.process);
    if (!child_name) return child_name.error();
    row.process = std::move(*child_name);
    row.restart_type = restart_type_name(child.type);
    row.restarts = child.restarts;
    row.started = child.started;
    const WorldModel::Process* alive = world.find(child.process);
    if (!alive) {
      row.state = ProcessState::exited;
    } else if (alive->waiting) {
      row.state = ProcessState::waiting;
    }
    info.children.push_back(std::move(row));
  }
  if (info.strategy == "simple_one_for_one") {
    std::sort(info.children.begin(), info.children.end(),
              [](const ChildRow& a, const ChildRow& b) { return a.started < b.started; });
  }
  return info;
}

Result<std::vector<SupervisorInfo>> Reader::supervisors(Seq at) {
  auto& all = *implementation_;
  at = std::min(at, all.run.events);
  auto world = all.world_at(at);
  if (!world) return world.error();
  std::vector<SupervisorInfo> supervisors;
  for (const auto* process : (*world)->alive()) {
    if (!process->supervisor) continue;
    auto info = all.supervisor_of(**world, *process, at);
    if (!info) return info.error();
    supervisors.push_back(std::move(*info));
  }
  for (SupervisorInfo& info : supervisors) {
    auto history = restarts(info.process.number);
    if (!history) return history.error();
    std::erase_if(*history, [&](const RestartRecord& restart) { return restart.seq > at; });
    const std::size_t left = std::min(history->size(), restarts_shown_max);
    info.restarts.assign(history->end() - static_cast<std::ptrdiff_t>(left), history->end());
  }
  return supervisors;
}

}  // namespace glasshouse::tracing
