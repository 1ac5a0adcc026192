#include "runtime/application/configuration.h"

#include "runtime/application/application_spec.h"
#include "runtime/term/print.h"
#include "tests/catch.h"

namespace glasshouse::tests {

using namespace runtime;
using namespace runtime::literals;

namespace {

std::string text_of(const Configuration& configuration) {
  std::string text;
  for (const auto& [name, entries] : configuration) {
    for (const auto& [key, value] : entries) {
      text +=
          std::string(name.text()) + "." + std::string(key.text()) + "=" + to_string(value) + "\n";
    }
  }
  return text;
}

std::string read(std::string_view text) {
  const auto configuration = read_configuration(text, "node.toml");
  return configuration ? text_of(*configuration) : configuration.error().what;
}

// What a word makes of bank.limit = 1, or the error.
std::string with(std::string_view word) {
  Configuration configuration;
  configuration["bank"_atom]["limit"_atom] = Term(1);
  const auto done = override_configuration(configuration, word);
  return done ? text_of(configuration) : done.error().what;
}

}  // namespace

TEST_CASE("values of a configuration become terms", "[application]") {
  REQUIRE(read("[bank]\nlimit = 100\nrate = 1.5\nopen = true\nname = \"giro\"\n"
               "branches = [\"north\", 2]\n[bank.tls]\nport = 443\n[empty]\n") ==
          "bank.branches=[<<\"north\">>,2]\nbank.limit=100\nbank.name=<<\"giro\">>\n"
          "bank.open=true\nbank.rate=1.5\nbank.tls=#{port => 443}\n");
  REQUIRE(read("") == "");
}

TEST_CASE("a faulty configuration is one sentence that says where and what to do",
          "[application]") {
  REQUIRE(read("limit = 1\n") ==
          "node.toml:1: `limit` belongs to no application; put it below a line [NAME]");
  REQUIRE(read("[bank]\n\nborn = 2020-01-01\n") ==
          "node.toml:3: `bank.born` is a date or a time, which are no terms; put it in quotes");
  const std::string broken = read("[bank]\nlimit = = 2\n");
  REQUIRE(broken.starts_with("node.toml:2: this is no TOML: "));
  REQUIRE(broken.ends_with("; correct the line"));
  REQUIRE(read("[bank]\nlimit = 1\nlimit = 2\n").starts_with("node.toml:3: this is no TOML: "));
}

TEST_CASE("a word of the command line sets one value", "[application]") {
  REQUIRE(with("bank.limit=200") == "bank.limit=200\n");
  REQUIRE(with("bank.limit=\"200\"") == "bank.limit=<<\"200\">>\n");
  REQUIRE(with("bank.limit=north") == "bank.limit=<<\"north\">>\n");
  REQUIRE(with("web.port=80") == "bank.limit=1\nweb.port=80\n");
  REQUIRE(with("bank.limit=[1, 2]") == "bank.limit=[1,2]\n");
  REQUIRE(with("bank.tls.port=443") == "bank.limit=1\nbank.tls=#{port => 443}\n");
}

TEST_CASE("a word that sets nothing says how it should be written", "[application]") {
  const std::string usage = "; write it as NAME.KEY=VALUE, for example bank.limit=200";
  REQUIRE(with("bank.limit") == "`bank.limit` has no =" + usage);
  REQUIRE(with("limit=1") == "`limit=1` names no key of an application" + usage);
  REQUIRE(with(".limit=1") == "`.limit=1` has an empty or endless name" + usage);
  REQUIRE(with("bank.limit=[1").ends_with("; put a text in quotes"));
  REQUIRE(with("bank.limit=").ends_with("; put a text in quotes"));
}

TEST_CASE("what no application knows is refused with what there is", "[application]") {
  std::vector<ApplicationSpec> specs(2);
  specs[0].name = "bank"_atom;
  specs[0].env = {{"limit"_atom, Term(1)}, {"rate"_atom, Term(2)}};
  specs[1].name = "web"_atom;
  Configuration configuration;
  configuration["bank"_atom]["limit"_atom] = Term(5);
  REQUIRE(check_configuration(configuration, specs).ok());
  configuration["bank"_atom]["limmit"_atom] = Term(5);
  REQUIRE(check_configuration(configuration, specs).error().what ==
          "the configuration sets `bank.limmit`, which `bank` does not know, but: limit, rate; "
          "correct the key or take it out");
  configuration = {};
  configuration["bnak"_atom]["limit"_atom] = Term(5);
  REQUIRE(check_configuration(configuration, specs).error().what ==
          "the configuration is for an application `bnak`, which is not among those of this node: "
          "bank, web; correct the name or take it out");
}

}  // namespace glasshouse::tests
