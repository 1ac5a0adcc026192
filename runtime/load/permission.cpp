#include "runtime/load/permission.h"

#include <utility>

namespace glasshouse::runtime {

Permission::Permission(Permission&& other) noexcept
    : process_(std::exchange(other.process_, nullptr)),
      regulator_(other.regulator_),
      ticket_(other.ticket_) {}

Permission& Permission::operator=(Permission&& other) noexcept {
  std::swap(process_, other.process_);
  std::swap(regulator_, other.regulator_);
  std::swap(ticket_, other.ticket_);
  return *this;
}

void Permission::done() {
  if (process_ == nullptr) return;
  Self(*std::exchange(process_, nullptr)).send<PermissionDone>(regulator_, ticket_);
}

AskWait::AskWait(Process& process, const Through& through, Ref ref)
    : CallWait(process, through.regulator, through.within,
               make_call<AskPermission>(CallFrom{process.pid(), ref}, through.queue), ref),
      asker_(process),
      ticket_(ref) {}

Asked AskWait::await_resume() {
  const MessagePtr answer = finish();
  if (!answer) {
    // It may be in the queue, or have leave by now: the regulator hears of this after the request.
    if (timed_out()) Self(asker_).send<PermissionDone>(whom(), ticket_);
    return {.permission = {}, .refused = failure(), .waited = {}};
  }
  const LoadAnswer& told = static_cast<BoxedReply<AskPermission>&>(*answer).value;
  if (told.verdict != LoadVerdict::ok) {
    return {.permission = {}, .refused = to_term(told.verdict), .waited = told.waited};
  }
  return {.permission = Permission(asker_, whom(), ticket_), .refused = {}, .waited = told.waited};
}

Term overload(Term reason) {
  return tuple(Term("overload"_atom), std::move(reason));
}

}  // namespace glasshouse::runtime
