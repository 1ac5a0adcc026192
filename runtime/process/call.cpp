#include "runtime/process/call.h"

#include "runtime/node/node.h"

namespace glasshouse::runtime {

CallWait::CallWait(Process& process, To to, Duration timeout, MessagePtr request, Ref ref)
    : process_(process), to_(to), request_(std::move(request)), timer_(process, timeout) {
  slot_.ref = ref;
}

CallWait::~CallWait() {
  if (process_.call != &slot_) return;
  process_.call = nullptr;
  // Left in the middle (killed, or too late): the callee need not tell us of its exit.
  if (slot_.done()) return;
  MessagePtr demonitor = make_signal(MessageKind::demonitor, process_.pid());
  static_cast<Signal&>(*demonitor).ref = slot_.ref;
  process_.node().signal(&process_, slot_.to, std::move(demonitor));
}

void CallWait::wait_for(Pid callee) {
  CHECK(process_.call == nullptr);
  process_.call = &slot_;
  slot_.to = callee;
}

bool CallWait::await_ready() {
  if (process_.call == &slot_) return process_.ready_now(*this);
  CHECK(process_.call == nullptr);
  process_.call = &slot_;
  Node& node = process_.node();
  slot_.to = to_.pid();
  if (to_.by_name()) {
    const auto found = node.registry().find(to_.name());
    slot_.to = found.value_or(Pid());
  }
  if (slot_.to == process_.pid()) {
    fail(Term("calling_self"_atom));
    return true;
  }
  request_term_ = Term(request_->type->name);
  if (!node.send(&process_, slot_.to, request_)) {
    request_term_ = request_->type->to_term(*request_);
    fail(Term(atoms::noproc));
    return true;
  }
  return process_.ready_now(*this);
}

void CallWait::fail(Term reason) {
  slot_.failed = true;
  slot_.failure = std::move(reason);
}

MessagePtr CallWait::finish() {
  if (!slot_.done()) {
    // The destructor tells the callee.
    slot_.failure = Term(atoms::timeout);
    return nullptr;
  }
  process_.call = nullptr;
  return std::move(slot_.answer);
}

void CallWait::exit_caller() const {
  throw ExitException(tuple(slot_.failure, tuple(Term(atoms::gen_server), Term(atoms::call),
                                                 list(to_.term(), request_term_))));
}

}  // namespace glasshouse::runtime
