#pragma once
// One process: its mailbox, its coroutine, and what links it to others.
//
// Threads: `push` may be called from any thread; everything else only by the thread that runs the
// process, except the fields named atomic, which anyone may read for a look.
//
// A process lives in a slot that is never given back while its node lives, and that later processes
// use again. A pid names a slot and a serial number; a message carries the serial it was meant for.

#include <algorithm>
#include <atomic>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/base/keyed_list.h"
#include "runtime/process/coroutine.h"
#include "runtime/process/extras.h"
#include "runtime/process/mailbox.h"
#include "runtime/process/message.h"
#include "runtime/term/term.h"

namespace glasshouse::runtime {

class Node;
class Process;
class Server;

// What a process waits for. The awaiter of each kind of wait is one of these, inside the waiting
// coroutine's frame.
class Wait {
 public:
  // True when the wait is over. Called after new mail was fetched; must not suspend or throw.
  virtual bool poll(Process& process) = 0;
  // For whoever looks: "receive", "call", "task", "sleep"; and for whom, if that is known.
  virtual Atom what() const = 0;
  virtual Pid whom() const { return {}; }

 protected:
  ~Wait() = default;
};

// Messages in arrival order, from the oldest; not thread safe.
class MessageQueue {
 public:
  MessageQueue() = default;
  MessageQueue(const MessageQueue&) = delete;
  MessageQueue& operator=(const MessageQueue&) = delete;
  ~MessageQueue();

  void push_back(Message* message);
  void append(Mailbox::Batch batch);
  // Takes out what stands behind `before` (null: the first).
  MessagePtr take_after(Message* before);
  Message* first() const { return first_; }
  Message* last() const { return last_; }
  bool empty() const { return first_ == nullptr; }
  void clear();

 private:
  Message* first_ = nullptr;
  Message* last_ = nullptr;
};

// What a server was doing when a handler threw.
struct CrashNotes {
  Term state;
  Term message;
};

// What only some processes have. Made at first use: an idle process without links stays small.
struct Relations {
  struct Monitor {
    Ref ref;
    Pid pid;                  // the other end
    Atom name;                // when it was set by name
    bool is_request = false;  // we wait for an answer under this reference: send_request
  };
  struct ByPid {
    Pid operator()(Pid pid) const { return pid; }
  };
  struct ByRef {
    Ref operator()(const Monitor& monitor) const { return monitor.ref; }
  };
  // A supervisor has a link for each child: whatever is done with one takes constant time.
  KeyedList<Pid, ByPid> links;             // in the order made
  KeyedList<Monitor, ByRef> monitors;      // we watch
  KeyedList<Monitor, ByRef> monitored_by;  // they watch us; also callers who wait for an answer
  std::vector<std::pair<Term, Term>> dictionary;
  CallFrom starter;   // who waits for init to return; ref.number 0: nobody
  CallFrom handling;  // the call a server is at work on: its caller watches us
  Duration hibernate_after = Duration::infinity();  // as its start asked for
  Term label;                                       // undefined unless set
  std::unique_ptr<CrashNotes> crash;
  std::unique_ptr<Extras> extras;
  MessageQueue late;  // behind the fatal signal: to be refused when nothing is left of the process
};

// The one answer a process waits for in a call. A reply under another reference is late: it is
// dropped, so it never leaks into the mailbox. OTP gets there with process aliases.
struct CallSlot {
  Ref ref;  // number 0: no call is waiting
  Pid to;
  MessagePtr answer;  // a BoxedReply
  bool failed = false;
  Term failure;  // why: the callee's exit reason, or noproc, or timeout
  bool done() const { return failed || answer != nullptr; }
};

class Process {
 public:
  explicit Process(Node& node, std::uint32_t id) : node_(&node), id_(id) {}
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  Pid pid() const;
  Node& node() const { return *node_; }
  ProcessKey key() const { return {key_.load(std::memory_order_relaxed)}; }

  // Any thread. Schedules the process if it was parked.
  // False if this slot no longer holds `serial` or its process is gone; then the message is still
  // the caller's.
  bool push(Message* message, std::uint32_t serial);

  // -- for the waits of self.h ------------------------------------------------------------------

  // Takes in what came: signals act, the rest goes to the end of the mailbox. False if nothing
  // came.
  bool fetch() { return mailbox_.has_incoming() && take_in(); }
  // True when the awaiting coroutine may go on at once, without giving up its worker.
  bool ready_now(Wait& wait);
  // Whether a receive may look through the mail at hand before it fetches what came meanwhile, so
  // that a receiver and its senders meet once a batch. Signals act at the next fetch: at the end of
  // that mail or of the turn. OTP: signals act when the message queue is used up or the process is
  // scheduled in.
  bool has_mail_at_hand() const { return !mail.empty() && halted_ == 0 && reductions_left > 0; }
  // At its next wait. What it took beyond its share has still been used.
  void end_turn() { reductions_left = std::min(reductions_left, 0); }
  void suspend_in(Wait& wait, std::coroutine_handle<> where) {
    wait_ = &wait;
    resume_ = where;
  }
  // How many messages wait. Any thread, for a look.
  std::uint32_t mail_length() const {
    // In this order: what was taken had arrived. Pairs with the releases of its runner.
    const std::uint32_t taken = mail_taken.load(std::memory_order_acquire);
    return static_cast<std::uint32_t>(mail_arrived.load(std::memory_order_relaxed)) - taken;
  }
  void count_taken(std::uint32_t messages) {
    mail_taken.store(mail_taken.load(std::memory_order_relaxed) + messages,
                     std::memory_order_release);
  }
  bool is_doomed() const { return (halted_ & doomed_bit) != 0; }
  bool is_suspended() const { return (halted_ & suspended_bit) != 0; }
  bool is_alive() const { return alive_.load(std::memory_order_relaxed); }

  // Any thread. Which life of its slot this is, and whether the mailbox of that one still takes
  // something. In this order: the other way round the next life could answer for the former.
  std::uint32_t serial() const { return serial_.load(std::memory_order_acquire); }
  bool is_open(std::uint32_t serial) const {
    return !mailbox_.is_closed() && this->serial() == serial;
  }
  // Any thread. A timer for this life was started, which its end is to drop. False: it has ended.
  bool expect_timer(std::uint32_t serial) {
    has_timers_.store(true, std::memory_order_seq_cst);
    return is_open(serial);
  }
  const Term& exit_reason() const { return exit_reason_; }  // REQUIRES: it is doomed
  // What it waits for; null while it runs or before its first turn.
  const Wait* current_wait() const { return wait_; }
  // Undefined without one.
  Atom name() const;

  Ref make_ref();

  // A number for the next wait with a time-out; a `timeout` signal with this number ends it.
  std::uint32_t next_wait_number() { return ++wait_number_; }
  bool timed_out(std::uint32_t number) const { return timeout_seen_ == number; }

  Relations& relations();
  const Relations* relations_if_any() const { return relations_.get(); }
  Extras& extras();
  Extras* extras_if_any() const { return relations_ ? relations_->extras.get() : nullptr; }
  void add_link(Pid other);
  bool remove_link(Pid other);  // false if there was none
  // Between an unlink and its acknowledgement; a link signal that comes meanwhile was sent before
  // the other one knew, and is ignored, so that both ends agree. OTP: the link protocol,
  // UNLINK_ID_ACK.
  bool is_unlinking(Pid other) const;
  void begin_unlinking(Pid other, Ref ref);
  void end_unlinking(Pid other, Ref ref);  // null: whichever it is
  void forget_watcher(Ref ref);            // it is not told of our exit
  // Ends our own monitor; the other one has been told already, or is not to be.
  std::optional<Relations::Monitor> take_monitor(Ref ref);
  bool end_alias(Ref ref);             // false if it was none
  void end_alias_of_monitor(Ref ref);  // unless it is to outlive its monitor
  bool is_suspending(Pid other) const;
  void forget_suspension(Pid suspended);  // one of ours, of another process
  void limit_mail(const MailLimit& limit);
  // Gives back what memory it can do without.
  void give_back();
  // Removes from the mailbox what `unwanted` is true for.
  template <class Unwanted>
  void drop_mail(Unwanted unwanted);

  MessageQueue mail;         // fetched, not yet received
  CallSlot* call = nullptr;  // in the frame of the call that waits
  std::int32_t reductions_left = 0;
  bool trap_exit = false;
  bool owns_io = false;
  Priority priority = Priority::normal;  // read by whoever schedules it
  Atom initial;                          // what it was spawned as: "counter", "kv_shard"
  Pid parent;
  Pid group_leader;
  std::atomic<std::uint32_t> mail_taken{0};  // of what arrived, modulo its size
  Server* server = nullptr;                  // set by a behaviour: how to look at its state

  Process* run_next = nullptr;  // the executor's: what is behind it in a run queue

  // Messages in all lives of this slot. Atomic for lookers; written by its runner.
  std::atomic<std::uint64_t> mail_arrived{0};
  std::atomic<std::uint64_t> reductions{0};

 private:
  friend class Node;
  friend class ProcessTable;
  friend class Registry;

  bool take_in();
  void take(Message* oldest);
  void take_watched(Message* oldest);
  // Adds what was used since `counted_at` were left, and moves it here.
  void count_reductions(std::int32_t& counted_at) {
    const auto used = static_cast<std::uint64_t>(counted_at - reductions_left);
    counted_at = reductions_left;
    reductions.store(reductions.load(std::memory_order_relaxed) + used, std::memory_order_relaxed);
  }
  void count_mail(std::uint32_t arrived) {
    mail_arrived.store(mail_arrived.load(std::memory_order_relaxed) + arrived,
                       std::memory_order_relaxed);
  }
  void act(Signal& signal);
  void note_timeout(std::uint32_t number);
  void act_on_exit(Signal& signal);
  void append(MessagePtr message, ProcessKey sender);
  void doom(Term reason);
  void reset();  // after its exit, for the next process in this slot
  void take_reply(MessagePtr reply);
  bool close_request(const Message& reply);  // false: there is none
  void take_down(Signal& signal);
  void act_rarely(Signal& signal);
  void take_aliased(Signal& signal);
  void answer_info(Signal& signal);
  void be_suspended(Signal& signal);
  void be_resumed(Pid by, std::uint64_t count);
  Message* refuse_excess(Message* oldest);
  void refuse_mail(Message& message);
  void check_mail_limit();
  void tell_mail_limit(std::uint32_t length);
  void check_long_mail();
  // Some bit of halted_ is set. False: it may go on.
  bool is_halted();

  Mailbox mailbox_;
  Node* node_;
  std::coroutine_handle<> resume_;  // the innermost coroutine, where it waits
  std::coroutine_handle<Behaviour::promise_type> body_;
  Wait* wait_ = nullptr;
  std::unique_ptr<Relations> relations_;
  std::uint32_t id_;
  std::atomic<std::uint32_t> serial_{0};
  std::atomic<std::uint64_t> key_{0};  // of id and serial: asked for with each message
  std::uint64_t refs_made_ = 0;        // in all lives of this slot
  std::uint32_t wait_number_ = 0;
  std::uint32_t timeout_seen_ = 0;
  // doomed: an exit signal was fatal. long_mail: the system monitor was told so, and each turn
  // looks whether it still is; one that has only this bit goes on.
  static constexpr std::uint8_t doomed_bit = 1;
  static constexpr std::uint8_t suspended_bit = 2;
  static constexpr std::uint8_t halting_bits = doomed_bit | suspended_bit;
  static constexpr std::uint8_t long_mail_bit = 4;
  std::uint8_t halted_ = 0;
  // What makes it look at its mail whenever some came. The limit is its own; `watched` is of the
  // slot, and set from any thread (ProcessTable::watch_mail): nothing is asked at a spawn. Relaxed:
  // it may be seen a little late.
  static constexpr std::uint8_t limited_bit = 1;
  static constexpr std::uint8_t watched_bit = 2;
  std::atomic<std::uint8_t> mail_watch_{0};
  bool polled_late_ = false;  // the wait was found not over just before the process suspended
  std::atomic<bool> alive_{false};
  // It may have a name. Written under the registry's lock; sequentially consistent with the
  // closing of the mailbox: whoever names a process that exits sees that, or it sees the name.
  std::atomic<bool> named_{false};
  // There may be timers for it. Written by whoever starts one; the order is that of named_.
  std::atomic<bool> has_timers_{false};
  Term exit_reason_;
};

// A million of them is an ordinary node; what most do not have is in Relations.
static_assert(sizeof(Process) <= 208, "budget: docs/architecture.md, Memory of a process");

template <class Unwanted>
void Process::drop_mail(Unwanted unwanted) {
  std::uint32_t dropped = 0;
  Message* before = nullptr;
  Message* message = mail.first();
  while (message != nullptr) {
    Message* const following = message->next;
    if (unwanted(*message)) {
      mail.take_after(before);
      ++dropped;
    } else {
      before = message;
    }
    message = following;
  }
  count_taken(dropped);
}

// Thrown by Self::exit; any other exception is an exit reason too. OTP: exit/1.
class ExitException {
 public:
  explicit ExitException(Term reason) : reason_(std::move(reason)) {}
  const Term& reason() const { return reason_; }

 private:
  Term reason_;
};

// What an exception says as an exit reason: its term, or {Type, <<"what()">>}. OTP pairs a raised
// error with its stack; here the stack is in the crash report.
Term exit_reason_of(std::exception_ptr failure);

// normal, shutdown and {shutdown, _}: no crash report, and a transient child stays down.
bool is_orderly(const Term& reason);

}  // namespace glasshouse::runtime
