#include "runtime/observe/reports.h"

#include <utility>

#include "runtime/node/node.h"
#include "runtime/term/print.h"

namespace glasshouse::runtime {

namespace {

Term label(Atom kind, Atom what) {
  return tuple(Term(kind), Term(what));
}

LogPlace in_domain(Term domain) {
  return {.file = {}, .line = 0, .meta = map(Term("domain"_atom), std::move(domain))};
}
LogPlace of_sasl() {
  return in_domain(list(Term("otp"_atom), Term("sasl"_atom)));
}

Term with_label(Term name, Term report) {
  return map(Term("label"_atom), std::move(name), Term("report"_atom), std::move(report));
}

}  // namespace

Term name_in_report(const Process& process) {
  const Atom name = process.name();
  return name == Atom() ? Term(process.pid()) : tuple(Term("local"_atom), Term(name));
}

void log_crash(Node& node, const Process& process, Term report) {
  node.logger().log(&process, LogLevel::error,
                    with_label(label("proc_lib"_atom, "crash"_atom), std::move(report)), of_sasl());
}

void log_terminate(const Process& process, const TerminateReport& report) {
  Logger& logger = process.node().logger();
  if (!logger.allows(LogLevel::error)) return;
  const Relations* const relations = process.relations_if_any();
  static const CrashNotes nothing;
  const CrashNotes& crash = relations && relations->crash ? *relations->crash : nothing;
  const Pid client = relations == nullptr ? Pid() : relations->handling.pid;
  const Atom name = process.name();
  logger.log(&process, LogLevel::error,
             map(Term("label"_atom), label(report.behaviour, "terminate"_atom), Term("name"_atom),
                 name == Atom() ? Term(process.pid()) : Term(name), Term("last_message"_atom),
                 crash.message, Term("state"_atom), crash.state, Term("log"_atom), report.log,
                 Term("reason"_atom), report.reason, Term("client_info"_atom),
                 client.is_null() ? Term() : Term(client)),
             in_domain(list(Term("otp"_atom))));
}

void log_progress(const Process& supervisor, Term child) {
  supervisor.node().logger().log(&supervisor, LogLevel::info,
                                 with_label(label(atoms::supervisor, "progress"_atom),
                                            map(Term(atoms::supervisor), name_in_report(supervisor),
                                                Term("started"_atom), std::move(child))),
                                 of_sasl());
}

void log_supervisor_error(const Process& supervisor, std::string_view context, const Term& reason,
                          Term child) {
  const Atom what(context);
  supervisor.node().logger().log(
      &supervisor, LogLevel::error,
      with_label(
          label(atoms::supervisor, what),
          map(Term(atoms::supervisor), name_in_report(supervisor), Term("errorContext"_atom),
              Term(what), Term("reason"_atom), reason, Term("offender"_atom), std::move(child))),
      of_sasl());
}

void log_application_started(const Process& controller, Atom application) {
  const Node& node = controller.node();
  Term report = list(tuple(Term("application"_atom), Term(application)),
                     tuple(Term("started_at"_atom), Term(node.name())));
  controller.node().logger().log(
      &controller, LogLevel::info,
      with_label(label("application_controller"_atom, "progress"_atom), std::move(report)),
      of_sasl());
}

void log_application_exit(const Process& controller, Atom application, const Term& reason,
                          Atom type) {
  Term report = list(tuple(Term("application"_atom), Term(application)),
                     tuple(Term("exited"_atom), reason), tuple(Term("type"_atom), Term(type)));
  if (controller.node().wants(EventKind::log)) {
    controller.node().emit(
        {.kind = EventKind::log, .name = "notice"_atom, .subject = controller.key()},
        std::string_view(to_string(report)));
  }
  controller.node().logger().log(
      &controller, LogLevel::notice,
      with_label(label("application_controller"_atom, "exit"_atom), std::move(report)),
      in_domain(list(Term("otp"_atom))));
}

}  // namespace glasshouse::runtime
