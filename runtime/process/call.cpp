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
  // Left in the middle: its process was killed.
  if (!slot_.done()) tell_callee();
}

void CallWait::tell_callee() const {
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
  if (to_.is_elsewhere(node.name())) {
    fail(tuple(Term("nodedown"_atom), Term(to_.node())));
    return true;
  }
  slot_.to = to_.pid();
  if (to_.by_name()) {
    const auto found = node.registry().find(to_.name());
    slot_.to = found.value_or(Pid());
  }
  if (slot_.to == process_.pid()) {
    fail(Term("calling_self"_atom));
    return true;
  }
  if (!node.send(&process_, slot_.to, request_)) {
    fail(Term(atoms::noproc));
    return true;
  }
  return process_.ready_now(*this);
}

void CallWait::fail_unanswered(Term reason) {
  process_.fetch();
  if (!slot_.done()) fail(std::move(reason));
}

void CallWait::fail(Term reason) {
  slot_.failed = true;
  slot_.failure = std::move(reason);
}

MessagePtr CallWait::finish() {
  process_.call = nullptr;
  if (!slot_.done()) {
    slot_.failure = Term(atoms::timeout);
    tell_callee();
    return nullptr;
  }
  // The callee gave the request to another process: what it kept of us is to go.
  if (slot_.answer && slot_.answer->sender != process_.node().key_of(slot_.to)) tell_callee();
  return std::move(slot_.answer);
}

// A character of which only a part was kept goes whole.
Term detail::AbbreviatedText::term() const {
  if (!is_cut_) return binary(std::string_view(head_.data(), length_));
  std::size_t last = length_ - 1;
  while (last > 0 && (static_cast<unsigned char>(head_[last]) & 0xc0) == 0x80)
    --last;
  const auto lead = static_cast<unsigned char>(head_[last]);
  const std::size_t wanted = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const std::size_t length = last + wanted <= length_ ? length_ : last;
  return binary(std::string(head_.data(), length) + "...");
}

void CallWait::exit_caller(const Term& request) const {
  const Term named = named_request(request);
  const Duration timeout = timer_.after();
  Term arguments = list(to_.term(), named);
  if (timeout.is_infinite()) {
    arguments = list(to_.term(), named, Term(atoms::infinity));
  } else if (timeout != call_timeout) {
    arguments = list(to_.term(), named, Term(timeout / Duration::milliseconds(1)));
  }
  throw ExitException(
      tuple(slot_.failure, tuple(Term(atoms::gen_server), Term(atoms::call), arguments)));
}

}  // namespace glasshouse::runtime
