#include "runtime/behaviour/debug_file.h"

#include <utility>
#include <variant>

#include "runtime/behaviour/debug.h"
#include "runtime/behaviour/debug_text.h"
#include "runtime/behaviour/proc_lib.h"
#include "runtime/io/file.h"

namespace glasshouse::runtime {

Behaviour debug_file(Self self, To process, std::string path) {
  self.limit_mail({.messages = debug_file_events_max, .then = AtMailLimit::refuse});
  StorageRequest empty{.operation = StorageOperation::truncate, .path = path};
  auto opening = do_storage(self, std::move(empty));
  const StorageDone opened = co_await opening;
  if (opened.outcome != atoms::ok) {
    proc_lib::init_ack(self, tuple(Term(atoms::error), Term("open_file"_atom)));
    co_return;
  }
  static_cast<void>(self.monitor(process));
  proc_lib::init_ack(self);
  for (;;) {
    auto next = self.receive<SystemEvent, DebugFileEnd, Down>();
    const auto news = co_await next;
    const auto* const told = std::get_if<SystemEvent>(&news);
    if (told == nullptr) co_return;
    auto writing =
        append_to_file(self, path, Binary(system_event_text(told->process, told->event) + "\n"));
    const auto written = co_await writing;
    if (written) continue;
    self.log(Self::Level::warning, "sys writes no more events: " + written.error().what);
    co_return;
  }
}

}  // namespace glasshouse::runtime
