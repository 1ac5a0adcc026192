// What is asked of an application, and how it hears of another configuration.

#include "runtime/application/application_keys.h"

#include "runtime/application/application.h"
#include "runtime/io/file.h"
#include "tests/catch.h"
#include "tests/runtime/one_node.h"

namespace glasshouse::tests {

using namespace runtime::literals;

namespace {

struct Asked {};
class Clerk {
 public:
  using Accepts = Messages<Asked>;
  Clerk(Self self, Notes* notes) : self_(self), notes_(notes) {}
  Task<void> handle(Asked) {
    auto version = get_key(self_, "vsn"_atom);
    const std::optional<Term> mine = co_await version;
    notes_->push_back(text(mine.value_or(Term())));
    auto all = get_all_key(self_);
    const Term keys = co_await all;
    notes_->push_back(std::to_string(keys.as_list().size()));
  }

 private:
  Self self_;
  Notes* notes_;
};

ApplicationSpec bank(Notes* notes) {
  SupervisorSpec top;
  top.children.push_back({.id = "clerk"_atom, .start = named_child<Clerk>("clerk"_atom, notes)});
  ApplicationSpec spec{.name = "bank"_atom,
                       .description = "accounts",
                       .version = "1.0",
                       .registered = {"clerk"_atom},
                       .env = {{"limit"_atom, Term(100)}, {"open"_atom, Term(true)}},
                       .mod = supervised("bank"_atom, std::move(top)),
                       .max_time = 60_s};
  spec.mod.config_change = [notes](Self, const Term& changed, const Term& added,
                                   const Term& removed) {
    notes->push_back(text(changed) + " " + text(added) + " " + text(removed));
    if (changed.find(Term("open"_atom)) != nullptr) throw std::runtime_error("never");
    if (added.size() > 1) return tuple(Term(atoms::error), Term("too_much"_atom));
    return Term(atoms::ok);
  };
  return spec;
}

ApplicationSpec library() {
  return {.name = "store"_atom, .env = {{"depth"_atom, Term(1)}}, .start_phases = {}};
}

Behaviour runs_bank(Self self, Configuration configuration, Task<void> (*act)(Self, Notes*),
                    Notes* notes) {
  auto starting = start_application_controller(self, std::move(configuration));
  co_await starting;
  auto loading = load_application(self, bank(notes));
  static_cast<void>(co_await loading);
  auto loading_too = load_application(self, library());
  static_cast<void>(co_await loading_too);
  for (const Atom name : {"store"_atom, "bank"_atom}) {
    auto running = start_application(self, name);
    static_cast<void>(co_await running);
  }
  auto acting = act(self, notes);
  co_await acting;
}

Notes play(Task<void> (*act)(Self, Notes*), Configuration configuration = {}) {
  Notes notes;
  OneNode one;
  one.spawn<&runs_bank>(std::move(configuration), act, &notes);
  one.run();
  return notes;
}

Task<void> note_key(Self self, Notes* notes, Atom name, Atom key) {
  auto asking = get_key(self, name, key);
  const std::optional<Term> value = co_await asking;
  notes->push_back(value ? text(*value) : "none");
}

Task<void> asks(Self self, Notes* notes) {
  for (const std::string_view key : {"description", "maxT", "registered", "env", "mod",
                                     "start_phases", "applications", "modules"}) {
    auto noting = note_key(self, notes, "bank"_atom, Atom(key));
    co_await noting;
  }
  auto library_mod = note_key(self, notes, "store"_atom, "mod"_atom);
  co_await library_mod;
  auto nobody = note_key(self, notes, "nobody"_atom, "vsn"_atom);
  co_await nobody;
  auto outside = get_all_key(self);
  const Term none = co_await outside;
  notes->push_back(text(none));
  self.send<Asked>("clerk"_atom);
  co_await self.sleep(1_ms);
}

Task<void> change(Self self, Notes* notes, std::string_view toml) {
  auto changing = change_configuration(self, read_configuration(toml, "new.toml").value());
  const Term answer = co_await changing;
  notes->push_back(text(answer));
}

Task<void> changes(Self self, Notes* notes) {
  auto setting = set_env(self, "bank"_atom, "own"_atom, Term(1));
  co_await setting;
  for (const std::string_view toml :
       {"[bank]\nlimit = 200\nrate = 3\n",             // own is gone
        "[bank]\nlimit = 200\nrate = 3\n",             // nothing new: nobody is told
        "[bank]\nlimit = 200\na = 1\nb = 2\n",         // refused, and kept
        "[bank]\nopen = false\n[store]\ndepth = 2\n",  // thrown
        ""}) {
    auto changing = change(self, notes, toml);
    co_await changing;
  }
  auto reading = get_env(self, "store"_atom, "depth"_atom);
  const std::optional<Term> depth = co_await reading;
  notes->push_back(text(depth.value_or(Term())));
}

}  // namespace

TEST_CASE("an application tells what its specification says", "[application]") {
  REQUIRE(play(&asks) == Notes{"<<\"accounts\">>", "60000", "[clerk]",
                               "#{limit => 100,open => true}", "{bank,[]}", "undefined", "[]",
                               "none", "[]", "none", "undefined", "<<\"1.0\">>", "10"});
}

TEST_CASE("an application hears what another configuration changes for it", "[application]") {
  REQUIRE(play(&changes) ==
          Notes{"#{limit => 200} #{rate => 3} [own]", "ok", "ok", "#{} #{a => 1,b => 2} [rate]",
                "{error,[{bank,too_much}]}", "#{limit => 100,open => false} #{} [a,b]",
                "{error,[{bank,{'EXIT',{runtime_error,<<\"never\">>}}}]}", "#{open => true} #{} []",
                "{error,[{bank,{'EXIT',{runtime_error,<<\"never\">>}}}]}", "1"});
}

TEST_CASE("what changed between two environments is told apart", "[application]") {
  const std::map<Atom, Term> before = {{"a"_atom, Term(1)}, {"b"_atom, Term(2)}};
  REQUIRE(environment_change(before, before).is_none);
  const EnvironmentChange change =
      environment_change(before, {{"b"_atom, Term(3)}, {"c"_atom, Term(4)}});
  REQUIRE_FALSE(change.is_none);
  REQUIRE(text(change.changed) == "#{b => 3}");
  REQUIRE(text(change.added) == "#{c => 4}");
  REQUIRE(text(change.removed) == "[a]");
}

}  // namespace glasshouse::tests
