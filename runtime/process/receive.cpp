#include "runtime/process/receive.h"

#include "runtime/node/node.h"

namespace glasshouse::runtime {

void WaitTimer::start_timer() {
  Node& node = process_.node();
  number_ = process_.next_wait_number();
  timer_ = node.timers().start_wait(node.now() + after_, process_.pid(), number_);
}

void WaitTimer::stop() {
  process_.node().timers().drop(timer_);
}

bool MailWait::take_match() {
  MessageQueue& mail = process_.mail;
  Message* candidate = scanned_ == nullptr ? mail.first() : scanned_->next;
  while (candidate != nullptr) {
    if (matches(*candidate)) {
      taken_ = mail.take_after(scanned_);
      process_.count_taken(1);
      --process_.reductions_left;
      process_.node().trace_receive(process_, *taken_);
      // A server knows whose call it is at work on; who is none tells the caller of its exit as if
      // it were monitored, until it answers.
      if (taken_->is_call() && process_.server == nullptr) watch_for_caller();
      return true;
    }
    scanned_ = candidate;
    candidate = candidate->next;
  }
  return false;
}

void MailWait::watch_for_caller() {
  const CallFrom& from = static_cast<const CallMessage&>(*taken_).from;
  process_.relations().monitored_by.push_back({from.ref, from.pid, Atom()});
}

namespace detail {

void BlockingWait::start(std::coroutine_handle<> where, std::function<void()> job) {
  number_ = process_.next_wait_number();
  process_.suspend_in(*this, where);
  Node& node = process_.node();
  node.environment().executor.offload(
      node, [&node, pid = process_.pid(), number = number_, work = std::move(job)] {
        work();
        MessagePtr done = make_signal(MessageKind::timeout, Pid());
        static_cast<Signal&>(*done).number = number;
        node.signal(nullptr, pid, std::move(done));
      });
}

bool BlockingWait::poll(Process& process) {
  return process.timed_out(number_);
}

}  // namespace detail

}  // namespace glasshouse::runtime
