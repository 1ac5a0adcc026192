#include "runtime/heart/heart.h"

#include <utility>

#include "runtime/term/print.h"

namespace glasshouse::runtime {

using namespace literals;

namespace {

Atom heart_name() {
  return "heart"_atom;
}

}  // namespace

Heart::Heart(Self self, HeartLine* line)
    : self_(self),
      line_(line),
      period_(Duration::milliseconds(line->timeout_ms()) / beats_in_timeout) {
  self_.continue_with<HeartBeat>();
}

Task<void> Heart::handle(HeartBeat) {
  self_.send_after<HeartBeat>(period_, self_.pid());
  auto asking = is_well();
  const bool well = co_await asking;
  if (well) line_->send(HeartWord::beat);
}

// Who is not there, or too late, is not well.
Task<bool> Heart::is_well() {
  if (callback_ == Atom()) co_return true;
  auto asking = self_.try_call<HeartCheck>(period_, callback_);
  const auto answer = co_await asking;
  if (answer && *answer.value) co_return true;
  const std::string why = answer ? "it says no" : to_string(answer.failure);
  self_.log(LogLevel::warning,
            "no heart beat: " + std::string(callback_.text()) + " is not well: " + why);
  co_return false;
}

Term Heart::handle(SetHeartCommand set) {
  if (set.command.empty() || set.command.size() > heart_command_bytes_max) {
    return tuple(atoms::error, tuple("bad_cmd"_atom, binary(set.command)));
  }
  command_ = std::move(set.command);
  line_->send(HeartWord::set_command, command_);
  return Term(atoms::ok);
}

void Heart::handle(ClearHeartCommand) {
  command_.clear();
  line_->send(HeartWord::clear_command);
}

Term Heart::describe() const {
  return map("command"_atom, Binary(command_), "callback"_atom, callback_, "period"_atom,
             period_.nanoseconds());
}

namespace heart {

StartFunction child(HeartLine* line) {
  return named_child<Heart>(heart_name(), line);
}

Call<SetHeartCommand> set_cmd(Self self, std::string command) {
  return self.call<SetHeartCommand>(heart_name(), std::move(command));
}
Call<GetHeartCommand> get_cmd(Self self) {
  return self.call<GetHeartCommand>(heart_name());
}
Call<ClearHeartCommand> clear_cmd(Self self) {
  return self.call<ClearHeartCommand>(heart_name());
}
Call<SetHeartCallback> set_callback(Self self, Atom server) {
  return self.call<SetHeartCallback>(heart_name(), server);
}
Call<GetHeartCallback> get_callback(Self self) {
  return self.call<GetHeartCallback>(heart_name());
}
Call<SetHeartCallback> clear_callback(Self self) {
  return self.call<SetHeartCallback>(heart_name(), Atom());
}

}  // namespace heart

}  // namespace glasshouse::runtime
