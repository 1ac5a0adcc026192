#pragma once
// What an application is: plain data that says what it needs, how it is started and stopped, and
// what may be configured. OTP: app(4), and the callbacks of application(3).
//
//   ApplicationSpec bank_app() {
//     return {.name = "bank"_atom, .description = "accounts", .version = "1.0",
//             .applications = {"store"_atom}, .env = {{"limit"_atom, 100}},
//             .mod = supervised("bank"_atom, bank_sup())};
//   }

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/behaviour/supervisor.h"

namespace glasshouse::runtime {

// What the end of an application does to its node when nobody asked for it. OTP: restart_type().
enum class ApplicationType : std::uint8_t {
  permanent,  // ends the node
  transient,  // ends the node unless the reason is normal (shutdown is not)
  temporary,  // is reported
};

// {ok, Pid} | {ok, Pid, State} | {error, Reason}.
struct ApplicationStart {
  Pid pid;  // the top of its tree
  Term state = nil();
  Term error = {};
};

// The callbacks run in the application's master, whose group leader is itself: so every process
// they spawn belongs to the application, and what those spawn, too (config_change runs elsewhere).
// What one throws is an error of the start; from prep_stop and stop it is ignored. OTP:
// Module:start/2, start_phase/3,
// prep_stop/1, stop/1.
struct ApplicationModule {
  Atom name = {};
  Term arguments = nil();
  // May wait; links itself to the top of the tree it starts. `type` is `normal`. None: a library,
  // which has no processes.
  std::function<Task<ApplicationStart>(Self self, Term type, Term arguments)> start = nullptr;
  // ok, or {error, Reason}.
  std::function<Task<Term>(Self self, Atom phase, Term type, Term arguments)> start_phase = nullptr;
  // Before the tree is stopped; gives the state that `stop` gets.
  std::function<Term(Self self, Term state)> prep_stop = nullptr;
  // After the tree has stopped.
  std::function<void(Self self, Term state)> stop = nullptr;
  // After change_configuration, where the environment of this application is another one than
  // before: #{Key => Value} of what changed and of what is new, and the keys that are gone. Runs in
  // the application controller, which waits for it: it tells its servers, and asks nobody. ok, or
  // {error, Reason}. OTP: Module:config_change/3.
  std::function<Term(Self controller, Term changed, Term added, Term removed)> config_change =
      nullptr;
};

// An application that is a tree of supervisors.
ApplicationModule supervised(Atom name, SupervisorSpec top);

struct ApplicationSpec {
  Atom name;
  std::string description = {};
  std::string version = {};
  std::vector<Atom> registered = {};             // the names its processes take
  std::vector<Atom> applications = {};           // to be running before it starts
  std::vector<Atom> optional_applications = {};  // of those, what may be absent
  std::vector<Atom> included_applications = {};  // started by it, as parts of its own tree
  std::map<Atom, Term> env = {};                 // what may be configured, with the defaults
  ApplicationModule mod = {};
  // After start: each is start_phase(Phase, Type, Arguments) here, then in what is included.
  std::vector<std::pair<Atom, Term>> start_phases = {};
  Duration max_time = Duration::infinity();  // then it stops by itself. OTP: maxT
};

Atom application_type_name(ApplicationType type);

}  // namespace glasshouse::runtime
