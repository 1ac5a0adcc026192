#pragma once
// What one process may ask about another, or of its execution. Each question is a signal: it keeps
// its place among the messages and signals that the asker sent before, and the one who is asked
// answers when it takes it in, though it be waiting or suspended. Made by Self.
//
// OTP: process_info/1,2, is_process_alive/1, suspend_process/1,2.

#include <vector>

#include "runtime/process/call.h"

namespace glasshouse::runtime {

struct AskInfo {
  using Reply = Term;
};

// The items by name: registered_name, initial_call, status, message_queue_len, links, dictionary,
// trap_exit, priority, group_leader, reductions, suspending; and, when asked for, parent, monitors,
// monitored_by, messages, memory, label, current_wait, messages_refused (MailLimit).
bool is_info_item(Atom item);

// The answer of a process about itself, now. `items`: an atom is that item, {Item, Value}, or []
// for the name of one that has none; a list of atoms is a list of pairs; undefined is the first
// eleven, without the name of one that has none. REQUIRES: the items are known.
Term info_about(const Process& process, const Term& items, Atom status);
// What a process that runs right now, waits or is suspended says of its status to others.
Atom status_of(const Process& process);

// A question on its way. No time-out: the one who is asked may be busy.
class Question : public CallWait {
 public:
  bool await_ready();

 protected:
  Question(Process& process, Pid whom, MessageKind kind, Term items);
  ~Question() = default;
  // Null: it is gone.
  MessagePtr take_answer() { return finish(); }
  Process& asker() const { return asker_; }
  Pid asked() const { return whom_; }
  const Term& items() const { return items_; }
  bool asks_itself() const;

 private:
  Question(Process& process, Pid whom, MessageKind kind, Term items, Ref ref);

  Process& asker_;
  Pid whom_;
  MessagePtr signal_;
  Term items_;
};

// Gives the term of `info_about`, or undefined if there is no such process.
class AskInfoOf final : public Question {
 public:
  AskInfoOf(Process& process, Pid whom, Term items)
      : Question(process, whom, MessageKind::info, std::move(items)) {}
  Term await_resume();
};

class AskAlive final : public Question {
 public:
  AskAlive(Process& process, Pid whom)
      : Question(process, whom, MessageKind::info, Term("status"_atom)) {}
  bool await_resume() { return asks_itself() || take_answer() != nullptr; }
};

// unless_suspending: only if the asker does not suspend it already. OTP: suspend_process/2.
enum class Suspend : std::uint8_t { once_more, unless_suspending };

// Over when the other one is suspended; exits with badarg if it is gone. False: the asker suspended
// it already, and that is all.
class SuspendWait final : public Question {
 public:
  SuspendWait(Process& process, Pid whom, bool counts)
      : Question(process, whom, counts ? MessageKind::suspend : MessageKind::info,
                 counts ? Term() : Term("status"_atom)),
        counts_(counts) {}
  bool await_resume();

 private:
  bool counts_;
};

// What became of an asynchronous suspension: suspended; not_suspended, if this process has resumed
// it meanwhile; exited, if the other one did before; badarg, if it was gone from the beginning.
// Prints as OTP's {ReplyTag, State}.
struct SuspendReply {
  Term tag;
  Atom state;
};
template <>
struct Conversion<SuspendReply> {
  static Term to_term(const SuspendReply& reply) { return tuple(reply.tag, Term(reply.state)); }
  static Result<SuspendReply> from_term(const Term& term);
};

// Until there is a message, which stays in the mailbox.
class HibernateWait final : public Wait {
 public:
  explicit HibernateWait(Process& process) : process_(process) {}
  bool await_ready() {
    process_.give_back();
    return process_.ready_now(*this);
  }
  void await_suspend(std::coroutine_handle<> where) { process_.suspend_in(*this, where); }
  void await_resume() const {}
  bool poll(Process& process) override { return !process.mail.empty(); }
  Atom what() const override { return "hibernate"_atom; }

 private:
  Process& process_;
};

}  // namespace glasshouse::runtime
