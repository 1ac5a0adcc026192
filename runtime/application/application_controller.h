#pragma once
// The process that knows the applications of a node: loaded, starting, running, and their
// environments. A gen_server, registered as application_controller. Use it by application.h.
//
// OTP: application_controller.

#include <map>
#include <optional>
#include <vector>

#include "runtime/application/application.h"
#include "runtime/application/application_master.h"

namespace glasshouse::runtime {

class ApplicationController {
 public:
  using Accepts =
      Messages<LoadApplication, UnloadApplication, StartApplication, StopApplication,
               WhichApplications, LoadedApplications, ApplicationOrder, ApplicationLedBy,
               GetApplicationEnv, GetAllApplicationEnv, SetApplicationEnv, GetApplicationKey,
               GetAllApplicationKeys, ChangeConfiguration, ApplicationUp, Exit>;

  ApplicationController(Self self, Configuration configuration);

  Term handle(LoadApplication request);
  Term handle(UnloadApplication request);
  void handle(Request<StartApplication> request);
  void handle(Request<StopApplication> request);
  std::vector<ApplicationRow> handle(WhichApplications request) const;
  std::vector<ApplicationRow> handle(LoadedApplications request) const;
  Term handle(ApplicationOrder request) const;
  Atom handle(ApplicationLedBy request) const;
  std::optional<Term> handle(GetApplicationEnv request) const;
  Term handle(GetAllApplicationEnv request) const;
  void handle(SetApplicationEnv request);
  std::optional<Term> handle(GetApplicationKey request) const;
  Term handle(GetAllApplicationKeys request) const;
  Term handle(ChangeConfiguration request);
  void handle(ApplicationUp up);
  void handle(Exit exit);
  Task<void> terminate(Term reason);
  Term describe() const;

 private:
  struct Loaded {
    Atom name;
    SharedApplication spec;
    std::map<Atom, Term> env;
  };
  // One that starts or runs.
  struct Running {
    Atom name;
    Pid master;  // null: a library
    ApplicationType type = ApplicationType::temporary;
    bool is_up = false;
    std::vector<Request<StartApplication>> starters;
    std::vector<Request<StopApplication>> stoppers;
  };

  const Loaded* find_loaded(Atom name) const;
  const Loaded* find_loaded(Atom name, Pid leader) const;  // undefined: what it leads
  std::map<Atom, Term> configured_env(const ApplicationSpec& spec) const;
  const std::map<Atom, Term>* find_env(Atom name, Pid leader) const;  // null: there is none
  Running* find_running(Atom name);
  const Running* find_running(Atom name) const;
  bool is_up(Atom name) const;
  std::optional<Term> included_twice(const ApplicationSpec& spec) const;  // the error
  Term obstacle(const ApplicationSpec& spec) const;
  std::vector<SharedApplication> included_in(const ApplicationSpec& spec) const;
  void forget(Atom name);
  void has_ended(Running ended, const Term& reason);

  Self self_;
  Configuration configuration_;
  std::map<Atom, std::map<Atom, Term>> set_early_;  // for applications that are not loaded
  std::vector<Loaded> loaded_;                      // in the order loaded
  std::vector<Running> running_;                    // in the order started
};

}  // namespace glasshouse::runtime
