#include "tracing/world_model.h"

#include <algorithm>
#include <utility>

namespace glasshouse::tracing {

namespace {

constexpr std::int64_t temporary_type = 2;

// What a process does itself, and so shows that it runs. The rest happens to it.
constexpr std::uint64_t acts = [] {
  std::uint64_t mask = 0;
  for (const EventKind kind :
       {EventKind::spawn, EventKind::send, EventKind::receive, EventKind::link, EventKind::unlink,
        EventKind::monitor, EventKind::demonitor, EventKind::register_name,
        EventKind::unregister_name, EventKind::label, EventKind::timer_start,
        EventKind::timer_cancel, EventKind::state, EventKind::supervisor, EventKind::child,
        EventKind::restart, EventKind::crash, EventKind::stream_send, EventKind::log}) {
    mask |= runtime::kind_bit(kind);
  }
  return mask;
}();

void insert_sorted(std::vector<ProcessNumber>& numbers, ProcessNumber number) {
  const auto place = std::lower_bound(numbers.begin(), numbers.end(), number);
  if (place == numbers.end() || *place != number) numbers.insert(place, number);
}

void erase_sorted(std::vector<ProcessNumber>& numbers, ProcessNumber number) {
  const auto place = std::lower_bound(numbers.begin(), numbers.end(), number);
  if (place != numbers.end() && *place == number) numbers.erase(place);
}

}  // namespace

const char* restart_type_name(std::int64_t type) {
  switch (type) {
    case 0:
      return "permanent";
    case 1:
      return "transient";
    case temporary_type:
      return "temporary";
    default:
      return "unknown";
  }
}

void WorldModel::learn_name(NameId id, std::string_view text) {
  if (text == "restart") name_restart_ = id;
  if (text == "simple_one_for_one") name_simple_ = id;
}

const WorldModel::Process* WorldModel::find(ProcessNumber number) const {
  return number < processes_.size() ? processes_[number].get() : nullptr;
}

WorldModel::Process* WorldModel::living(ProcessNumber number) {
  return number < processes_.size() ? processes_[number].get() : nullptr;
}

bool WorldModel::has_mail(ProcessNumber number, std::uint64_t message) const {
  const Process* process = find(number);
  if (!process) return false;
  for (std::size_t i = process->mail_first; i < process->mail.size(); ++i) {
    if (process->mail[i].message == message) return true;
  }
  return false;
}

std::vector<const WorldModel::Process*> WorldModel::alive() const {
  std::vector<const Process*> found;
  found.reserve(alive_count_);
  for (const auto& process : processes_) {
    if (process) found.push_back(process.get());
  }
  return found;
}

WorldModel::Process& WorldModel::make(ProcessNumber number) {
  if (number >= processes_.size()) {
    // In a steady stream of new processes the vector grows by doubling.
    if (number >= processes_.capacity()) processes_.reserve(std::size_t{number} * 2 + 64);
    processes_.resize(std::size_t{number} + 1);
  }
  if (!processes_[number]) ++alive_count_;
  processes_[number] = std::make_unique<Process>();
  processes_[number]->number = number;
  return *processes_[number];
}

void WorldModel::remove(ProcessNumber number) {
  Process* process = living(number);
  if (!process) return;
  for (const ProcessNumber linked : process->links) {
    if (Process* other = living(linked)) erase_sorted(other->links, number);
  }
  leave_supervisor(*process);
  processes_[number].reset();
  --alive_count_;
}

// A temporary child, and any child of a simple_one_for_one supervisor, is forgotten when it exits;
// others keep their place.
void WorldModel::leave_supervisor(const Process& process) {
  Process* parent = living(process.parent);
  if (!parent || !parent->supervisor) return;
  auto& children = parent->supervisor->children;
  if (parent->supervisor->strategy == name_simple_) {
    const std::size_t place = process.place;
    if (place >= children.size() || children[place].process != process.number) return;
    children[place] = children.back();
    if (Process* moved = living(children[place].process)) {
      moved->place = static_cast<std::uint32_t>(place);
    }
    children.pop_back();
  } else {
    std::erase_if(children, [&](const Child& child) {
      return child.process == process.number && child.type == temporary_type;
    });
  }
}

Seq WorldModel::apply(const NumberedEvent& event, std::uint64_t key) {
  seq_ = event.seq;
  Seq cause = 0;
  switch (event.kind) {
    case EventKind::spawn:
      on_spawn(event, key);
      return 0;
    case EventKind::exit:
      remove(event.subject);
      return 0;
    case EventKind::node_down:
      on_node_down(event.node);
      return 0;
    case EventKind::send:
    case EventKind::receive:
    case EventKind::drop:
      cause = on_message(event);
      break;
    case EventKind::link:
    case EventKind::unlink:
    case EventKind::monitor:
    case EventKind::demonitor:
    case EventKind::down:
      on_relation(event);
      break;
    case EventKind::timer_start:
    case EventKind::timer_fire:
    case EventKind::timer_cancel:
      cause = on_timer(event);
      break;
    case EventKind::supervisor:
    case EventKind::child:
    case EventKind::restart:
      cause = on_supervision(event);
      break;
    default:
      break;
  }
  if (Process* process = living(event.subject)) on_self(*process, event);
  return cause;
}

void WorldModel::on_spawn(const NumberedEvent& event, std::uint64_t key) {
  if (Process* parent = living(event.peer)) parent->waiting = false;
  remove(event.subject);
  Process& process = make(event.subject);
  process.key = key;
  process.parent = event.peer;
  process.behaviour = event.name;
  process.spawned = event.seq;
}

void WorldModel::on_self(Process& process, const NumberedEvent& event) {
  if (acts & runtime::kind_bit(event.kind)) process.waiting = false;
  switch (event.kind) {
    case EventKind::register_name:
      process.name = event.name;
      break;
    case EventKind::unregister_name:
      process.name = 0;
      break;
    case EventKind::label:
      process.label = event.seq;
      break;
    case EventKind::crash:
      process.crash = event.seq;
      break;
    case EventKind::wait:
      process.reductions = static_cast<std::uint64_t>(event.argument);
      process.waiting = true;
      process.wait_name = event.name;
      process.wait_whom = event.peer;
      process.wait_since = event.time;
      break;
    case EventKind::state:
      process.previous_state = process.state;
      process.state = event.seq;
      break;
    default:
      break;
  }
}

Seq WorldModel::take_mail(Process& process, std::uint64_t message) {
  auto& mail = process.mail;
  for (std::size_t i = process.mail_first; i < mail.size(); ++i) {
    if (mail[i].message != message) continue;
    const Seq sent = mail[i].sent;
    if (i == process.mail_first) {
      ++process.mail_first;
    } else {
      mail.erase(mail.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (process.mail_first == mail.size()) {
      mail.clear();
      process.mail_first = 0;
    } else if (process.mail_first >= 64 && process.mail_first * 2 >= mail.size()) {
      mail.erase(mail.begin(), mail.begin() + static_cast<std::ptrdiff_t>(process.mail_first));
      process.mail_first = 0;
    }
    return sent;
  }
  return 0;
}

Seq WorldModel::on_message(const NumberedEvent& event) {
  if (event.message == 0) return 0;
  if (event.kind == EventKind::send) {
    if (Process* receiver = living(event.peer))
      receiver->mail.push_back({event.message, event.seq});
    return 0;
  }
  Process* owner = living(event.kind == EventKind::receive ? event.subject : event.peer);
  if (!owner) return 0;
  if (event.kind == EventKind::receive) ++owner->received;
  return take_mail(*owner, event.message);
}

void WorldModel::on_relation(const NumberedEvent& event) {
  Process* subject = living(event.subject);
  Process* peer = living(event.peer);
  const auto ref =
      event.kind == EventKind::down ? event.message : static_cast<std::uint64_t>(event.argument);
  switch (event.kind) {
    case EventKind::link:
      if (subject && event.peer) insert_sorted(subject->links, event.peer);
      if (peer && event.subject) insert_sorted(peer->links, event.subject);
      break;
    case EventKind::unlink:
      if (subject) erase_sorted(subject->links, event.peer);
      if (peer) erase_sorted(peer->links, event.subject);
      break;
    case EventKind::monitor:
      if (subject) subject->monitors.push_back({ref, event.peer});
      break;
    default:
      if (subject) {
        std::erase_if(subject->monitors, [&](const Monitor& m) { return m.ref == ref; });
      }
  }
}

Seq WorldModel::on_timer(const NumberedEvent& event) {
  Process* process = living(event.subject);
  if (!process) return 0;
  if (event.kind == EventKind::timer_start) {
    // It is its destination's, where that is known yet, and ends with it.
    Process* const owner = event.peer == 0 ? process : living(event.peer);
    if (owner) owner->timers.push_back({event.message, event.seq});
    return 0;
  }
  if (const Seq started = take_timer(*process, event.message)) return started;
  if (event.kind == EventKind::timer_fire) return 0;
  // Who cancels need not be for whom it was.
  const std::uint16_t node = ProcessKey{process->key}.node();
  for (const auto& other : processes_) {
    if (!other || ProcessKey{other->key}.node() != node) continue;
    if (const Seq started = take_timer(*other, event.message)) return started;
  }
  return 0;
}

// When it was started; 0: it is not this process's.
Seq WorldModel::take_timer(Process& process, std::uint64_t number) {
  const auto found = std::find_if(process.timers.begin(), process.timers.end(),
                                  [&](const Timer& timer) { return timer.number == number; });
  if (found == process.timers.end()) return 0;
  const Seq started = found->started;
  process.timers.erase(found);
  return started;
}

Seq WorldModel::on_supervision(const NumberedEvent& event) {
  Process* process = living(event.subject);
  if (!process) return 0;
  if (!process->supervisor) process->supervisor = std::make_unique<Supervisor>();
  Supervisor& supervisor = *process->supervisor;
  if (event.kind == EventKind::child) {
    on_child(supervisor, event);
    return 0;
  }
  if (event.kind == EventKind::restart) return on_restart(supervisor, event);
  supervisor.strategy = event.name;
  supervisor.intensity = event.argument;
  supervisor.period = static_cast<std::int64_t>(event.message);
  return 0;
}

void WorldModel::on_child(Supervisor& supervisor, const NumberedEvent& event) {
  const Child child{event.name, event.peer, event.argument, 0, event.seq};
  if (supervisor.strategy != name_simple_) {
    for (Child& there : supervisor.children) {
      if (there.id != event.name) continue;
      const std::uint32_t restarts = there.restarts;
      there = child;
      there.restarts = restarts;
      return;
    }
  } else if (Process* process = living(event.peer)) {
    process->place = static_cast<std::uint32_t>(supervisor.children.size());
  }
  supervisor.children.push_back(child);
}

Seq WorldModel::on_restart(Supervisor& supervisor, const NumberedEvent& event) {
  if (event.name != name_restart_ || name_restart_ == 0) return 0;
  if (supervisor.restarts.size() == restarts_shown_max) {
    supervisor.restarts.erase(supervisor.restarts.begin());
  }
  supervisor.restarts.push_back({event.seq, event.time});
  for (Child& child : supervisor.children) {
    if (child.process == event.peer) ++child.restarts;
  }
  return 0;
}

void WorldModel::on_node_down(std::uint16_t node) {
  for (ProcessNumber number = 0; number < processes_.size(); ++number) {
    const auto& process = processes_[number];
    if (process && ProcessKey{process->key}.node() == node) remove(number);
  }
}

}  // namespace glasshouse::tracing
