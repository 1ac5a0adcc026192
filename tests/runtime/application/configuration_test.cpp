#include "runtime/application/configuration.h"

#include "runtime/application/application_spec.h"
#include "runtime/io/file.h"
#include "runtime/term/print.h"
#include "tests/catch.h"
#include "tests/fuzz/configuration.h"
#include "tests/fuzz/corpus.h"
#include "tests/runtime/one_node.h"

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

std::vector<ApplicationSpec> bank_and_web() {
  std::vector<ApplicationSpec> specs(2);
  specs[0].name = "bank"_atom;
  specs[0].env = {{"limit"_atom, Term(1)}, {"rate"_atom, Term(2)}};
  specs[1].name = "web"_atom;
  return specs;
}

std::string joined(std::string start, const std::vector<std::string>& words) {
  for (const std::string& word : words)
    start += " " + word;
  return start;
}

std::string taken(std::vector<std::string> arguments) {
  const auto sources = take_configuration(arguments);
  if (!sources) {
    REQUIRE(sources.error().code == "usage");
    return sources.error().what;
  }
  return joined("files:", sources->files) + joined(" words:", sources->words) +
         joined(" left:", arguments);
}

Behaviour writes_and_loads(Self self, ConfigurationSources sources, std::string* said) {
  const std::vector<std::pair<std::string, std::string>> files = {
      {"base.toml", "[bank]\nlimit = 10\nrate = 1\n"},
      {"etc/more.toml", "[bank]\nlimit = 20\n"},
      {"wrong.toml", "what\n"},
      {"large.toml", std::string(configuration_bytes_max + 1, '#')}};
  for (const auto& file : files) {
    auto writing = write_file(self, file.first, Binary(file.second));
    static_cast<void>(co_await writing);
  }
  auto loading = load_configuration(self, std::move(sources), bank_and_web());
  const auto configuration = co_await loading;
  *said = configuration ? text_of(*configuration) : configuration.error().what;
}

// What a node with a few files makes of them.
std::string loaded(ConfigurationSources sources) {
  std::string said = "nothing";
  OneNode one;
  one.spawn<&writes_and_loads>(std::move(sources), &said);
  one.run();
  return said;
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
          "node.toml:1:9: `limit` belongs to no application; put it below a line [NAME]");
  REQUIRE(read("[bank]\n\nborn = 2020-01-01\n") ==
          "node.toml:3:8: `bank.born` is a date or a time, which are no terms; put it in quotes");
  const std::string broken = read("[bank]\nlimit = = 2\n");
  REQUIRE(broken.starts_with("node.toml:2:9: this is no TOML: "));
  REQUIRE(broken.ends_with("; correct the line"));
  REQUIRE(read("[bank]\nlimit = 1\nlimit = 2\n").starts_with("node.toml:3:"));
}

TEST_CASE("what is no term, or nested without end, is refused", "[application]") {
  REQUIRE(read("[bank]\nrate = nan") ==
          "node.toml:2:8: `bank.rate` is not finite, which no term is; put it in quotes");
  REQUIRE(with("bank.rate=-inf").ends_with("is not finite, which no term is; put it in quotes"));
  const auto nested = [](std::size_t depth) {
    return "rate = " + std::string(depth, '[') + std::string(depth, ']');
  };
  REQUIRE(read("[bank]\n" + nested(configuration_depth_max)).starts_with("bank.rate=[[["));
  REQUIRE(read("[bank]\n" + nested(configuration_depth_max + 1))
              .ends_with("is nested deeper than 64; flatten it"));
  std::string word = "bank";
  for (std::size_t n = 0; n <= configuration_depth_max; ++n)
    word += ".a";
  REQUIRE(with(word + "=1").find("has too many names") != std::string::npos);
}

TEST_CASE("strange configurations are terms or refused in a sentence", "[application]") {
  expect_corpus_holds("configuration", &expect_lawful_configuration);
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
  const std::vector<ApplicationSpec> specs = bank_and_web();
  Configuration configuration;
  configuration["bank"_atom]["limit"_atom] = Term(5);
  REQUIRE(check_configuration(configuration, specs).ok());
  configuration["bank"_atom]["limmit"_atom] = Term(5);
  REQUIRE(
      check_configuration(configuration, specs).error().what ==
      "`bank.limmit` is no key of `bank`, which has: limit, rate; correct the key or take it out");
  configuration = {};
  configuration["web"_atom]["port"_atom] = Term(5);
  REQUIRE(check_configuration(configuration, specs).error().what ==
          "`web.port` is no key of `web`, which has: nothing; correct the key or take it out");
  configuration = {};
  configuration["bnak"_atom]["limit"_atom] = Term(5);
  REQUIRE(check_configuration(configuration, specs).error().what ==
          "`bnak` is no application of this node, which has: bank, web; correct the name or take "
          "it out");
}

TEST_CASE("what no application knows is refused with its place in the file", "[application]") {
  const std::vector<ApplicationSpec> specs = bank_and_web();
  const auto read_for = [&](std::string_view text) {
    const auto configuration = read_configuration(text, "node.toml", specs);
    return configuration ? text_of(*configuration) : configuration.error().what;
  };
  REQUIRE(read_for("[bank]\nrate = 3\n") == "bank.rate=3\n");
  REQUIRE(
      read_for("[bank]\nlimit = 1\n  limmit = 2\n") ==
      "node.toml:3:3: `bank.limmit` is no key of `bank`, which has: limit, rate; correct the key "
      "or take it out");
  REQUIRE(read_for("\n[bnak]\nlimit = 1\n") ==
          "node.toml:2:2: `bnak` is no application of this node, which has: bank, web; correct the "
          "name or take it out");
  Configuration configuration;
  REQUIRE(override_configuration(configuration, "bank.limmit=5", specs).error().what ==
          "`bank.limmit=5`: `bank.limmit` is no key of `bank`, which has: limit, rate; correct the "
          "key or take it out");
  REQUIRE(configuration.empty());
}

TEST_CASE("a program takes its configuration out of its arguments", "[application]") {
  REQUIRE(taken({"serve", "--config", "a.toml", "-v", "--set=bank.limit=7", "--config=b.toml"}) ==
          "files: a.toml b.toml words: bank.limit=7 left: serve -v");
  REQUIRE(taken({"--settle", "--", "--set", "bank.limit=7"}) ==
          "files: words: left: --settle -- --set bank.limit=7");
  REQUIRE(taken({}) == "files: words: left:");
  REQUIRE(taken({"--config"}) == "`--config` has nothing behind it; write --config FILE");
  REQUIRE(taken({"--set="}) == "`--set` has nothing behind it; write --set NAME.KEY=VALUE");
}

TEST_CASE("a word goes over every file, and a later file over an earlier one", "[application]") {
  REQUIRE(loaded({.files = {"base.toml", "etc/more.toml"}, .words = {"bank.rate=3"}}) ==
          "bank.limit=20\nbank.rate=3\n");
  REQUIRE(loaded({.files = {"etc/more.toml", "base.toml"}, .words = {}}) ==
          "bank.limit=10\nbank.rate=1\n");
  REQUIRE(loaded({}) == "");
}

TEST_CASE("a file of configuration that is no such file says what to do", "[application]") {
  REQUIRE(loaded({.files = {"nobody.toml"}, .words = {}}) ==
          "nobody.toml: there is no such file in the folder of node a@h; write it, or correct the "
          "name behind --config");
  REQUIRE(loaded({.files = {"/etc/bank.toml"}, .words = {}}) ==
          "/etc/bank.toml: this is no path inside the folder of node a@h; put the file there, and "
          "name it without a leading / and without ..");
  REQUIRE(loaded({.files = {"large.toml"}, .words = {}}) ==
          "large.toml: this is longer than 1 MiB, and hardly a configuration; give another file");
  REQUIRE(loaded({.files = {"wrong.toml"}, .words = {}}).starts_with("wrong.toml:1:"));
}

}  // namespace glasshouse::tests
