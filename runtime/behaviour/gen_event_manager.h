#pragma once
// The process behind gen_event.h. Belongs to that process.

#include <vector>

#include "runtime/behaviour/gen_event.h"

namespace glasshouse::runtime::gen_event {

class Manager final : public Server {
 public:
  explicit Manager(Self own) : Server(own) {}

  // ok, or why it is not there. Before anything is handled.
  Term begin_with(const Spec& spec) { return add(spec, Pid(), Swapped(), 0); }
  Task<void> handle(MessagePtr message);
  // The manager ends: terminate(stop) for each, the newest first.
  void stop_all();

  Atom behaviour() const override { return "gen_event"_atom; }
  // OTP: [{Module, Id, State}].
  Term state() const override;
  void replace_state(const Term& wanted) override;
  // Each handler's own; of one that crashes its state shows so.
  Status format_status(Status status) const override;
  void hibernate() override;
  Term change_code(const Term& module, const Term& old_version, const Term& extra) override;

 private:
  struct Entry {
    HandlerId id;
    std::unique_ptr<Handler> handler;
    Pid supervisor;       // null: not supervised
    bool linked = false;  // to the supervisor, for this reason only
  };
  enum class Kind : std::uint8_t { event, info };
  using Request = detail::ManagerRequest;

  // OTP tells sys of what comes, and of nothing else.
  void note_in(const Message* message) override;
  void note_reply(const CallFrom&, const Message&) override {}
  void note_end() override {}

  Task<void> answer(MessagePtr message);
  Task<void> tell_all(const Message& message, Kind kind);
  // What a handler did with one step. Its failure is in failure_.
  Task<Done> run(Step step);
  // False: the handler at `place` is gone.
  bool apply(std::size_t place, const Result& result);

  Term add(const Spec& spec, Pid supervisor, const Swapped& before, std::size_t place);
  bool link_to(Pid supervisor);
  Term swap(const Request& request, Pid asker);
  Task<detail::ManagerAnswer> ask_one(const Request& request);
  std::size_t find(const HandlerId& id) const;  // the number of handlers if there is none
  // Takes it out and calls terminate(why). Its supervisor hears `reason`. What terminate said.
  Term remove(std::size_t place, const Term& why, const Term& reason);
  void crashed(std::size_t place, const Message& last, const Term& failure);
  void report_crash(const Entry& entry, const Message& last, const Term& reason);
  static Status formatted_by_handler(const Entry& entry, const Status& plain);
  void remove_supervised_by(const Exit& exit);

  std::vector<Entry> handlers_;  // the newest first
  std::optional<Term> failure_;  // of the step that was run last
};

// The body of the process.
Behaviour manage(Self self, Atom name, std::vector<Spec> handlers);

}  // namespace glasshouse::runtime::gen_event
