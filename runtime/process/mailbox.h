#pragma once
// A process's inbox. Any thread may push; only the thread that runs the process may take.
// Order: messages from one sender arrive in the order sent; nothing is promised across senders.
//
//   any thread:  push ──▶ incoming_ (a stack, newest first; one word)
//   its runner:  take_all reverses it into arrival order: the one time that all are walked through
//
// The word also says what its process is doing, so that a push knows whether to wake it:
//
//   empty    nothing there; the process runs or is about to
//   parked   nothing there; the process waits: who pushes now must schedule it
//   closed   the process is gone; pushes are refused
//   else     the newest message

#include <atomic>
#include <cstdint>

#include "runtime/process/message.h"

namespace glasshouse::runtime {

class Mailbox {
 public:
  enum class Pushed { queued, wake, refused };
  // Linked from the oldest; both null if there is none.
  struct Batch {
    Message* oldest = nullptr;
    Message* newest = nullptr;
  };

  Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // Takes `message` unless refused. `wake`: the caller must schedule the process.
  // Release: pairs with the acquire of take_all. Acquire: pairs with the release of close, so that
  // whoever is refused comes after all that the process did.
  Pushed push(Message* message);

  // All that came since the last call. Each is shown to `look` on the way, the newest first.
  // REQUIRES: the caller runs the process.
  template <class Look>
  Batch take_all(Look look);

  // Goes from empty to parked. False if something came meanwhile.
  // REQUIRES: the caller runs the process, and does not touch it after true.
  bool park();

  // Refuses from now on; returns what was there, oldest first.
  Message* close();

  // For a new process in this slot. Release: pairs with push of whoever learns the new pid.
  void open() { incoming_.store(nullptr, std::memory_order_release); }

  // Sequentially consistent with close.
  bool is_closed() const { return incoming_.load(std::memory_order_seq_cst) == closed(); }

  bool has_incoming() const {
    Message* newest = incoming_.load(std::memory_order_relaxed);
    return newest != nullptr && newest != parked() && newest != closed();
  }

 private:
  static Message* parked() { return reinterpret_cast<Message*>(std::uintptr_t{1}); }
  static Message* closed() { return reinterpret_cast<Message*>(std::uintptr_t{2}); }
  template <class Look>
  static Message* reversed(Message* newest, Look look);

  std::atomic<Message*> incoming_{reinterpret_cast<Message*>(std::uintptr_t{2})};
};

inline Mailbox::Pushed Mailbox::push(Message* message) {
  Message* newest = incoming_.load(std::memory_order_acquire);
  for (;;) {
    if (newest == closed()) return Pushed::refused;
    message->next = newest == parked() ? nullptr : newest;
    if (incoming_.compare_exchange_weak(newest, message, std::memory_order_acq_rel,
                                        std::memory_order_acquire)) {
      return newest == parked() ? Pushed::wake : Pushed::queued;
    }
  }
}

template <class Look>
Message* Mailbox::reversed(Message* newest, Look look) {
  Message* oldest = nullptr;
  while (newest != nullptr) {
    Message* older = newest->next;
    look(*newest);
    newest->next = oldest;
    oldest = newest;
    newest = older;
  }
  return oldest;
}

template <class Look>
Mailbox::Batch Mailbox::take_all(Look look) {
  if (incoming_.load(std::memory_order_relaxed) == nullptr) return {};
  Message* const newest = incoming_.exchange(nullptr, std::memory_order_acquire);
  return {reversed(newest, look), newest};
}

inline bool Mailbox::park() {
  Message* empty = nullptr;
  return incoming_.compare_exchange_strong(empty, parked(), std::memory_order_acq_rel,
                                           std::memory_order_relaxed);
}

inline Message* Mailbox::close() {
  Message* newest = incoming_.exchange(closed(), std::memory_order_seq_cst);
  if (newest == parked() || newest == closed()) return nullptr;
  return reversed(newest, [](const Message&) {});
}

}  // namespace glasshouse::runtime
