#pragma once
// Applications of a node: units that are loaded, configured, started after what they need, and
// stopped in reverse. One process keeps them, registered as application_controller; each running
// one has a master, the group leader of all its processes. What of them is left when the tree has
// stopped is killed.
//
//   Behaviour boot(Self self) {
//     auto starting = start_application_controller(self, {});
//     co_await starting;
//     co_await load_application(self, store_app());
//     co_await load_application(self, bank_app());
//     auto running = ensure_all_started(self, "bank"_atom, ApplicationType::permanent);
//     const Term answer = co_await running;   // {ok,[store,bank]}
//   }
//
// When an application that the node cannot do without ends, the controller stops the others,
// latest started first, and exits with {application_terminated, Name, Reason}; whoever started it
// takes the node down then.
//
// Functions are to be awaited in a process of the node; they wait as long as it takes. Answers are
// terms, as OTP spells them. OTP: application, application_controller, application_master.

#include <memory>
#include <optional>

#include "runtime/application/application_spec.h"
#include "runtime/application/configuration.h"

namespace glasshouse::runtime {

// Passed by reference inside one node.
struct ApplicationOffer {
  std::shared_ptr<const ApplicationSpec> spec;
};
template <>
inline constexpr bool sendable_by_choice<ApplicationOffer> = true;

struct ApplicationRow {
  Atom name;
  std::string description;
  std::string version;
};

// -- what the controller is told ----------------------------------------------------------------

struct LoadApplication {
  // ok, {error, {already_loaded, Name}}. Two that include the same one are {error,
  // {duplicate_include, [{{Included, Name}, {Included, OtherName}}]}}, as OTP's systools has it.
  using Reply = Term;
  ApplicationOffer offer;
};
struct UnloadApplication {
  using Reply = Term;  // ok, {error, {running, Name}}, {error, {not_loaded, Name}}
  Atom name;
};
// ok. Errors: {not_loaded, Name}, {already_started, Name}, {not_started, Needed}; {Reason,
// {Module, start, [Type, Arguments]}} when start says so; {bad_return, {{Module, start, [...]},
// {'EXIT', Reason}}} when it throws.
struct StartApplication {
  using Reply = Term;
  Atom name;
  ApplicationType type = ApplicationType::temporary;
};
struct StopApplication {
  using Reply = Term;  // ok, when it has stopped; {error, {not_started, Name}}
  Atom name;
};
struct WhichApplications {
  using Reply = std::vector<ApplicationRow>;  // latest started first
};
struct LoadedApplications {
  using Reply = std::vector<ApplicationRow>;  // in the order loaded
};
// {ok, [Name]}: Name and what it needs, in the order to start them; {error, Sentence}.
struct ApplicationOrder {
  using Reply = Term;
  Atom name;
};
// By the group leader; undefined if that leads no application.
struct ApplicationLedBy {
  using Reply = Atom;
  Pid leader;
};
// The value, or nothing. An application named `undefined` is the one that `leader` leads.
struct GetApplicationEnv {
  using Reply = std::optional<Term>;
  Atom name;
  Atom key;
  Pid leader = {};
};
struct GetAllApplicationEnv {
  using Reply = Term;  // #{Key => Value}
  Atom name;
};
// The value, or nothing. `undefined` as in GetApplicationEnv. OTP: application_keys.h.
struct GetApplicationKey {
  using Reply = std::optional<Term>;
  Atom name;
  Atom key;
  Pid leader = {};
};
// [{Key, Value}]; undefined for an application that is not loaded.
struct GetAllApplicationKeys {
  using Reply = Term;
  Atom name;
  Pid leader = {};
};
// ok, or {error, [{Name, Reason}]} of each that did not take the change.
struct ChangeConfiguration {
  using Reply = Term;
  std::shared_ptr<const Configuration> configuration;
};
template <>
inline constexpr bool sendable_by_choice<ChangeConfiguration> = true;

// What is set for an application that is not loaded is there at once, and stays when it is loaded
// only if neither its specification nor the configuration has the key. `persistent`: it goes into
// the configuration, too, and so over the specification at this and each later load. OTP:
// application:set_env/4.
enum class SetEnv : std::uint8_t { plainly, persistent };
struct SetApplicationEnv {
  using Reply = void;
  Atom name;
  Atom key;
  std::optional<Term> value;  // nothing: unset
  SetEnv how = SetEnv::plainly;
};

// -- functions ----------------------------------------------------------------------------------

// Linked to the caller; {error, {already_started, _}} if the node has one.
class ApplicationController;
ServerStart<ApplicationController> start_application_controller(Self self,
                                                                Configuration configuration);

Call<LoadApplication> load_application(Self self, ApplicationSpec spec);
Call<UnloadApplication> unload_application(Self self, Atom name);
Call<StartApplication> start_application(Self self, Atom name,
                                         ApplicationType type = ApplicationType::temporary);
Call<StopApplication> stop_application(Self self, Atom name);
// ok also where it runs already; else what start_application says.
Task<Term> ensure_started(Self self, Atom name, ApplicationType type = ApplicationType::temporary);
// {ok, [Started]}: what was started, in that order, without what ran already. {error, {Name,
// Reason}}: what it had started is stopped again.
Task<Term> ensure_all_started(Self self, Atom name,
                              ApplicationType type = ApplicationType::temporary);
Call<WhichApplications> which_applications(Self self);
Call<LoadedApplications> loaded_applications(Self self);

// The application a process belongs to; undefined if to none, or there is no such process. badarg
// for one of another node. OTP: application:get_application/0,1.
Call<ApplicationLedBy> get_application(Self self);
Task<Atom> get_application(Self self, Pid process);
// The environment: of an application, or of the one this process belongs to.
Call<GetApplicationEnv> get_env(Self self, Atom name, Atom key);
Call<GetApplicationEnv> get_env(Self self, Atom key);
Call<GetAllApplicationEnv> get_all_env(Self self, Atom name);
Call<SetApplicationEnv> set_env(Self self, Atom name, Atom key, Term value,
                                SetEnv how = SetEnv::plainly);
Call<SetApplicationEnv> unset_env(Self self, Atom name, Atom key, SetEnv how = SetEnv::plainly);

// What its specification says: of an application, or of the one this process belongs to. OTP:
// application:get_key/1,2 and get_all_key/0,1.
Call<GetApplicationKey> get_key(Self self, Atom name, Atom key);
Call<GetApplicationKey> get_key(Self self, Atom key);
Call<GetAllApplicationKeys> get_all_key(Self self, Atom name);
Call<GetAllApplicationKeys> get_all_key(Self self);

// Another configuration for the node, instead of the one it has: each application that is loaded
// has the environment of its specification and this over it (what set_env set is gone, also where
// it was persistent), and each
// that runs and whose environment is another one now has its config_change called, the first
// started first. Where one fails its environment stays changed. OTP: application_controller:
// change_application_data/2 and config_change/1, as an upgrade calls them.
Call<ChangeConfiguration> change_configuration(Self self, Configuration configuration);

// A node that is its applications: what Boot of a simulated node or the main of a program calls.
// Loads all, starts `start` and what they need, in order. If that fails or one of them takes the
// node down, `on_end` is called once with why, in the process that saw it; normal when the
// controller was stopped. `on_end` may be null.
struct ApplicationNode {
  std::vector<ApplicationSpec> applications;
  Configuration configuration = {};
  // Go over `configuration`. Where they are faulty nothing starts, and the end is
  // {bad_configuration, Sentence}.
  ConfigurationSources sources = {};
  std::vector<Atom> start = {};
  ApplicationType type = ApplicationType::permanent;
};
Pid start_applications_on(Node& node, ApplicationNode what,
                          std::function<void(const Term& reason)> on_end = nullptr);

}  // namespace glasshouse::runtime
