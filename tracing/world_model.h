#pragma once
// The world as a trace tells it: who is alive, what is in the mailboxes, who waits for whom. The
// recorder keeps one to write keyframes, the reader makes one for a moment from a keyframe and the
// events after it. It holds numbers only; texts stay in the file.
//
// Threads: one at a time. Events of a damaged file do no harm: what makes no sense is passed over.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tracing/answers.h"

namespace glasshouse::tracing {

using NameId = std::uint32_t;  // of a name in a trace; 0 is none

// An event as it stands in the file: names and processes by number.
struct NumberedEvent {
  Seq seq = 0;
  std::int64_t time = 0;
  EventKind kind = EventKind::log;
  std::uint16_t node = 0;
  ProcessNumber subject = 0;
  ProcessNumber peer = 0;
  NameId name = 0;
  std::uint64_t message = 0;
  std::int64_t argument = 0;
};

class WorldModel {
 public:
  struct Mail {
    std::uint64_t message = 0;
    Seq sent = 0;
  };
  struct Monitor {
    std::uint64_t ref = 0;
    ProcessNumber whom = 0;
  };
  struct Timer {
    std::uint64_t number = 0;
    Seq started = 0;
  };
  struct Child {
    NameId id = 0;
    ProcessNumber process = 0;
    std::int64_t type = 0;  // as in the event
    std::uint32_t restarts = 0;
    Seq started = 0;
  };
  struct Restart {
    Seq seq = 0;
    std::int64_t time = 0;
  };
  struct Supervisor {
    NameId strategy = 0;
    std::int64_t intensity = 0;
    std::int64_t period = 0;
    std::vector<Child> children;
    std::vector<Restart> restarts;  // the latest restarts_shown_max
  };
  struct Process {
    ProcessNumber number = 0;
    std::uint64_t key = 0;
    ProcessNumber parent = 0;
    NameId behaviour = 0;
    NameId name = 0;
    bool waiting = false;
    NameId wait_name = 0;
    ProcessNumber wait_whom = 0;
    std::int64_t wait_since = 0;
    std::uint64_t received = 0;
    std::uint64_t reductions = 0;
    Seq spawned = 0;
    Seq label = 0;
    Seq state = 0;
    Seq previous_state = 0;
    Seq crash = 0;
    std::uint32_t place = 0;  // among the children of a simple_one_for_one supervisor
    std::vector<Mail> mail;   // mail_first and what follows, in arrival order
    std::size_t mail_first = 0;
    std::vector<ProcessNumber> links;
    std::vector<Monitor> monitors;
    std::vector<Timer> timers;
    std::unique_ptr<Supervisor> supervisor;

    std::size_t mailbox_length() const { return mail.size() - mail_first; }
  };

  // The names that change what an event does. To be told before the first event that uses them.
  void learn_name(NameId id, std::string_view text);

  // REQUIRES: the numbers of processes are not far beyond those seen before; a reader of a file
  // checks them first.
  // Returns the event that led to this one, as far as the model knows: of a receive its send, of a
  // timer that fires its start; otherwise 0. `key` is the subject's, for a spawn.
  Seq apply(const NumberedEvent& event, std::uint64_t key);

  // Null when it was never spawned or has exited.
  const Process* find(ProcessNumber number) const;
  // Is this message in the mailbox of that process?
  bool has_mail(ProcessNumber number, std::uint64_t message) const;
  // Alive, in the order they were spawned.
  std::vector<const Process*> alive() const;
  std::size_t alive_count() const { return alive_count_; }
  Seq seq() const { return seq_; }

  // For keyframes. `decode` is false for bytes that are none; the model is then of no use.
  std::string encode() const;
  bool decode(std::string_view bytes, ProcessNumber numbers_max);

 private:
  Process* living(ProcessNumber number);
  Process& make(ProcessNumber number);
  void remove(ProcessNumber number);
  void leave_supervisor(const Process& process);
  void on_spawn(const NumberedEvent& event, std::uint64_t key);
  Seq on_message(const NumberedEvent& event);
  void on_relation(const NumberedEvent& event);
  Seq on_timer(const NumberedEvent& event);
  static Seq take_timer(Process& process, std::uint64_t number);
  Seq on_supervision(const NumberedEvent& event);
  void on_child(Supervisor& supervisor, const NumberedEvent& event);
  Seq on_restart(Supervisor& supervisor, const NumberedEvent& event);
  void on_self(Process& process, const NumberedEvent& event);
  void on_node_down(std::uint16_t node);
  Seq take_mail(Process& process, std::uint64_t message);

  // By number; null for who has exited.
  std::vector<std::unique_ptr<Process>> processes_;
  std::size_t alive_count_ = 0;
  Seq seq_ = 0;
  NameId name_restart_ = 0;
  NameId name_simple_ = 0;
};

// As a `child` event tells it in its argument.
const char* restart_type_name(std::int64_t type);

}  // namespace glasshouse::tracing
