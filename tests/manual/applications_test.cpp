// The snippets of docs/manual/applications.md, run.

#include <filesystem>
#include <fstream>
#include <future>

#include "runtime/application/application.h"
#include "runtime/application/application_controller.h"
#include "runtime/io/file.h"
#include "runtime/schedule/system.h"
#include "tests/catch.h"
#include "tests/runtime/io/one_worker.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests::manual_applications {

namespace {

struct Limit {
  using Reply = std::int64_t;
};
struct Opened {
  using Reply = std::int64_t;
};
struct NewLimit {
  std::int64_t limit = 0;
};

// region server
class Bank {
 public:
  using Accepts = Messages<Limit, NewLimit>;
  explicit Bank(Self self) : self_(self) {}
  Task<void> init() {
    auto getting = get_env(self_, "limit"_atom);  // of the application it belongs to
    const std::optional<Term> value = co_await getting;
    limit_ = value.value_or(Term(0)).as_integer().value_or(0);
    if (limit_ < 0) throw std::invalid_argument("a limit below 0");
  }
  std::int64_t handle(Limit) const { return limit_; }
  void handle(NewLimit change) { limit_ = change.limit; }

 private:
  Self self_;
  std::int64_t limit_ = 0;
};
// endregion

// region specification
SupervisorSpec bank_sup() {
  SupervisorSpec spec{.name = "bank_sup"_atom};
  spec.children.push_back({.id = "bank"_atom, .start = named_child<Bank>("bank"_atom)});
  return spec;
}

ApplicationSpec store_app() {
  return {.name = "store"_atom, .description = "keeps things", .version = "1.2"};
}

ApplicationSpec bank_app() {
  return {.name = "bank"_atom,
          .description = "accounts",
          .version = "1.0",
          .registered = {"bank_sup"_atom, "bank"_atom},
          .applications = {"store"_atom},
          .env = {{"limit"_atom, Term(100)}},
          .mod = supervised("bank"_atom, bank_sup())};
}
// endregion

// region start
Behaviour boot(Self self, Notes* notes) {
  auto controller = start_application_controller(self, Configuration());
  co_await controller;
  auto first = load_application(self, store_app());
  static_cast<void>(co_await first);
  auto second = load_application(self, bank_app());
  static_cast<void>(co_await second);
  auto starting = ensure_all_started(self, "bank"_atom, ApplicationType::permanent);
  Term answer = co_await starting;  // {ok,[store,bank]}
  notes->push_back(text(answer));

  auto stopping = stop_application(self, "bank"_atom);
  answer = co_await stopping;  // ok
  notes->push_back(text(answer));
}
// endregion

// region callbacks
Task<ApplicationStart> start_bank(Self self, Term, Term) {
  auto starting = start_supervisor(self, bank_sup());
  const auto top = co_await starting;
  ApplicationStart answer;
  answer.pid = top.pid;      // null where it did not start, then
  answer.error = top.error;  // this says why
  answer.state = Term("open"_atom);
  co_return answer;
}

Task<Term> open_doors(Self self, Atom phase, Term, Term) {
  self.log(Self::Level::info, phase.text());
  co_return Term(atoms::ok);
}

ApplicationSpec bank_with_phases() {
  ApplicationSpec spec = bank_app();
  spec.mod = {.name = "bank"_atom,
              .start = &start_bank,
              .start_phase = &open_doors,
              .prep_stop = [](Self, Term) { return Term("closing"_atom); },
              .stop = [](Self self, Term state) { self.log(Self::Level::info, text(state)); }};
  spec.start_phases = {{"doors"_atom, nil()}};
  return spec;
}
// endregion

// region main
// What main of a program does with its arguments, once it has a node: why it ended.
Term run_bank(Node& node, std::vector<std::string> arguments) {
  const auto sources = take_configuration(arguments);  // --config bank.toml --set bank.limit=700
  if (!sources) return binary(sources.error().what);
  const ApplicationNode what{.applications = {store_app(), bank_with_phases()},
                             .sources = *sources,
                             .start = {"bank"_atom}};
  std::promise<Term> end;
  start_applications_on(node, what, [&end](const Term& why) { end.set_value(why); });
  return end.get_future().get();
}
// endregion

// region included
// What is written down, whoever's bank it is.
class Ledger {
 public:
  using Accepts = Messages<Opened>;
  explicit Ledger(Self self) : self_(self) {}
  Task<void> init() {
    auto getting = get_env(self_, "ledger"_atom, "year"_atom);  // it belongs to the bank: by name
    const std::optional<Term> value = co_await getting;
    year_ = value.value_or(Term(0)).as_integer().value_or(0);
  }
  std::int64_t handle(Opened) const { return year_; }

 private:
  Self self_;
  std::int64_t year_ = 0;
};

SupervisorSpec ledger_sup() {
  SupervisorSpec spec{.name = "ledger_sup"_atom};
  spec.children.push_back({.id = "ledger"_atom, .start = named_child<Ledger>("ledger"_atom)});
  return spec;
}

ApplicationSpec ledger_app() {
  return {.name = "ledger"_atom, .env = {{"year"_atom, Term(2026)}}};
}

ApplicationSpec bank_with_ledger() {
  SupervisorSpec top = bank_sup();
  top.children.push_back(supervisor_child("ledger_sup"_atom, ledger_sup()));
  ApplicationSpec spec = bank_app();
  spec.included_applications = {"ledger"_atom};
  spec.mod = supervised("bank"_atom, top);
  return spec;
}
// endregion

// region config_change
ApplicationSpec bank_that_listens() {
  ApplicationSpec spec = bank_app();
  spec.mod.config_change = [](Self controller, const Term& changed, const Term&, const Term&) {
    const Term* limit = changed.find(Term("limit"_atom));
    if (limit != nullptr) controller.send<NewLimit>("bank"_atom, limit->as_integer().value_or(0));
    return Term(atoms::ok);
  };
  return spec;
}

Task<Term> reload(Self self) {  // the file again, in the running node
  auto loading = load_configuration(self, {.files = {"bank.toml"}, .words = {}});
  auto configuration = co_await loading;
  if (!configuration) co_return binary(configuration.error().what);
  auto changing = change_configuration(self, *configuration);
  co_return co_await changing;  // ok; {error, [{bank, Reason}]}
}
// endregion

Behaviour asks_limit(Self self, Notes* notes) {
  co_await self.sleep(1_ms);
  const std::int64_t limit = co_await self.call<Limit>("bank"_atom);
  notes->push_back(std::to_string(limit));
}

Behaviour asks_ledger(Self self, Notes* notes) {
  auto booting = start_application_controller(self, Configuration());
  co_await booting;
  for (ApplicationSpec spec : {store_app(), ledger_app(), bank_with_ledger()}) {
    auto loading = load_application(self, std::move(spec));
    static_cast<void>(co_await loading);
  }
  auto starting = ensure_all_started(self, "bank"_atom);
  Term answer = co_await starting;
  notes->push_back(text(answer));
  const std::int64_t year = co_await self.call<Opened>("ledger"_atom);
  notes->push_back(std::to_string(year));
  auto belonging = get_application(self, *self.whereis("ledger"_atom));
  const Atom owner = co_await belonging;
  notes->push_back("of " + std::string(owner.text()));
  auto stopping = stop_application(self, "bank"_atom);
  answer = co_await stopping;
  notes->push_back(text(answer));
  notes->push_back(self.whereis("ledger"_atom) ? "there" : "gone");
}

Behaviour reloads(Self self, Notes* notes) {
  auto booting = start_application_controller(self, Configuration());
  co_await booting;
  for (ApplicationSpec spec : {store_app(), bank_that_listens()}) {
    auto loading = load_application(self, std::move(spec));
    static_cast<void>(co_await loading);
  }
  auto starting = ensure_all_started(self, "bank"_atom);
  static_cast<void>(co_await starting);
  auto failing = reload(self);
  const Term missing = co_await failing;
  notes->push_back(text(missing));
  auto writing = write_file(self, "bank.toml", Binary("[bank]\nlimit = 250\n"));
  static_cast<void>(co_await writing);
  auto loading = reload(self);
  const Term done = co_await loading;
  notes->push_back(text(done));
  const std::int64_t limit = co_await self.call<Limit>("bank"_atom);
  notes->push_back(std::to_string(limit));
}

// A node on real threads, whose folder has a bank.toml.
std::string end_of_bank(const std::vector<std::string>& arguments) {
  const TemporaryFolder folder;
  const std::filesystem::path root = folder.path();
  std::filesystem::create_directories(root / "bank@localhost");
  std::ofstream(root / "bank@localhost" / "bank.toml") << "[bank]\nlimit = -1\n";
  NullTracer tracer;
  std::string end;
  {
    MulticoreWorld world({.executor = {.workers = 1}, .network = {}, .folder = root.string()},
                         tracer);
    Node node(world.environment(), {.name = "bank@localhost"_atom});
    end = text(run_bank(node, arguments));
  }
  return end;
}

}  // namespace

TEST_CASE("a program of the manual is configured by a file and words", "[manual][threads]") {
  REQUIRE_THAT(end_of_bank({"--config", "bank.toml"}), Catch::Contains("a limit below 0"));
  REQUIRE(end_of_bank({"--config=bank.toml", "--set", "bank.limmit=5"}) ==
          "{bad_configuration,<<\"`bank.limmit=5`: `bank.limmit` is no key of `bank`, which has: "
          "limit; correct the key or take it out\">>}");
  REQUIRE(end_of_bank({"--config"}) ==
          "<<\"`--config` has nothing behind it; write --config FILE\">>");
}

TEST_CASE("an application of the manual hears of its new limit", "[manual]") {
  Notes notes;
  OneNode one;
  one.spawn<&reloads>(&notes);
  one.run();
  REQUIRE(notes ==
          Notes{"<<\"bank.toml: there is no such file in the folder of node a@h; write it, "
                "or correct the name behind --config\">>",
                "ok", "250"});
}

TEST_CASE("the snippets about applications do what their page says", "[manual]") {
  Notes notes;
  OneNode one;
  one.spawn<&boot>(&notes);
  one.run();
  REQUIRE(notes == Notes{"{ok,[store,bank]}", "ok"});
  REQUIRE(one.node().process_count() == 0);
}

TEST_CASE("the ledger of the manual is a part of the bank that includes it", "[manual]") {
  Notes notes;
  OneNode one;
  one.spawn<&asks_ledger>(&notes);
  one.run();
  REQUIRE(notes == Notes{"{ok,[store,bank]}", "2026", "of bank", "ok", "gone"});
}

TEST_CASE("a node of a simulated world may be its applications", "[manual]") {
  Notes notes;
  // region node
  Configuration configuration = read_configuration("[bank]\nlimit = 500\n", "node.toml").value();
  override_configuration(configuration, "bank.limit=700").value();
  const ApplicationNode what{.applications = {store_app(), bank_with_phases()},
                             .configuration = configuration,
                             .start = {"bank"_atom}};
  check_configuration(configuration, what.applications).value();
  sim::World world({.seed = 1});
  const sim::HostId host = world.add_host("h");
  world.start_node(host, "bank@h", [&](Node& node) {
    start_applications_on(node, what, [&](const Term& why) { notes.push_back(text(why)); });
    node.spawn<&asks_limit>(&notes);
  });
  world.run_until(Instant() + 1_s);
  // endregion
  REQUIRE(notes == Notes{"700"});
}

TEST_CASE("a node that lacks an application says which", "[manual]") {
  Notes notes;
  sim::World world({.seed = 1});
  world.start_node(world.add_host("h"), "bank@h", [&](Node& node) {
    ApplicationNode what{.applications = {bank_app()}, .start = {"bank"_atom}};
    start_applications_on(node, std::move(what),
                          [&](const Term& why) { notes.push_back(text(why)); });
  });
  world.run_until(Instant::max());
  REQUIRE(notes == Notes{"{error,{bank,{not_loaded,<<\"application 'bank' needs 'store', which is "
                         "not loaded\">>}}}"});
}

}  // namespace glasshouse::tests::manual_applications
