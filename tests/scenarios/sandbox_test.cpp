#include "scenarios/language/sandbox.h"

#include <string>

#include "scenarios/language/arguments.h"
#include "tests/catch.h"

namespace glasshouse::scenarios {

namespace {

// Nothing, or the sentence of the error.
std::string outcome(const std::string& text) {
  Sandbox sandbox("test.lua", {.memory_max = 8 << 20, .instructions_max = 2'000'000});
  const auto ran = sandbox.run(text);
  return ran ? std::string() : ran.error().what;
}

}  // namespace

TEST_CASE("nothing of the system can be reached", "[sandbox]") {
  for (const std::string name : {"os",
                                 "io",
                                 "debug",
                                 "package",
                                 "require",
                                 "load",
                                 "loadfile",
                                 "dofile",
                                 "collectgarbage",
                                 "coroutine",
                                 "pcall",
                                 "xpcall",
                                 "setmetatable",
                                 "getmetatable",
                                 "print",
                                 "warn",
                                 "utf8",
                                 "loadstring",
                                 "string.dump",
                                 "string.pack",
                                 "math.random",
                                 "math.randomseed",
                                 "math.sin",
                                 "table.move"}) {
    CAPTURE(name);
    REQUIRE(outcome("assert(" + name + " == nil)").empty());
  }
  REQUIRE(outcome("assert((\"\").dump == nil)").empty());
}

TEST_CASE("a loop that does not end is an error that names its line", "[sandbox]") {
  REQUIRE(outcome("local n = 0\nwhile true do\n  n = n + 1\nend")
              .starts_with("test.lua:3: this did not end after 2000000 instructions"));
  REQUIRE(outcome("\n::again:: goto again").starts_with("test.lua:2: this did not end"));
}

TEST_CASE("a script that eats memory is an error that names its line", "[sandbox]") {
  REQUIRE(outcome("local t = {}\nfor i = 1, 1e9 do t[i] = { i } end") ==
          "test.lua:2: the script uses more than 8 MB of memory; keep less");
  const std::string doubled = outcome("local t = 'x'\nwhile true do t = t .. t end");
  REQUIRE(doubled.find("more than 8 MB of memory") != std::string::npos);
}

TEST_CASE("recursion without end is an error", "[sandbox]") {
  REQUIRE(outcome("local function f() return 1 + f() end\nf()").starts_with("test.lua:1: "));
  REQUIRE(outcome(std::string(100'000, '(')) ==
          "test.lua: brackets or functions are nested too deeply");
}

TEST_CASE("a text that would take for ever to make or to match is refused", "[sandbox]") {
  REQUIRE(outcome("local x = (\"x\"):rep(1e12)") ==
          "test.lua:1: string.rep: this text would be longer than 4 MB");
  REQUIRE(outcome("string.find((\"a\"):rep(30000), (\".-\"):rep(20) .. \"b\")") ==
          "test.lua:1: string.find: this pattern may take too long on a text of 30000 bytes; use "
          "fewer of * + - or a shorter text");
  REQUIRE(outcome("assert((\"key = value\"):match(\"(%w+) *= *(%w+)\") == \"key\")").empty());
}

TEST_CASE("compiled Lua is refused", "[sandbox]") {
  REQUIRE(outcome("\x1bLua\x54") ==
          "test.lua: this is compiled Lua; a scenario is written as text");
}

TEST_CASE("pairs goes through numbers, then texts, in order", "[sandbox]") {
  REQUIRE(outcome(R"(
    local t = { zebra = 1, apple = 2, [10] = 3, [2.5] = 4, [-1] = 5, [true] = 6, mango = 7 }
    local seen = ""
    for k, v in pairs(t) do seen = seen .. tostring(k) .. "=" .. v .. " " end
    assert(seen == "-1=5 2.5=4 10=3 apple=2 mango=7 zebra=1 true=6 ", seen)
    assert(next({}) == nil)
    assert(next(t) == -1 and next(t, 10) == "apple" and next(t, true) == nil))")
              .empty());
}

TEST_CASE("pairs allows what it goes through to be changed", "[sandbox]") {
  REQUIRE(outcome(R"(
    local t = { a = 1, b = 2, c = 3 }
    local count = 0
    for k in pairs(t) do count = count + 1 t.b = nil t.z = 1 end
    assert(count == 2, count))")
              .empty());
}

TEST_CASE("keys without an order are refused", "[sandbox]") {
  REQUIRE(outcome("for k in pairs { [function() end] = 1 } do end") ==
          "test.lua:1: the keys of this table have no order that is the same in every run: use "
          "numbers, texts, true or false, hosts or nodes as keys, not a function");
}

TEST_CASE("no address is ever printed", "[sandbox]") {
  REQUIRE(outcome(R"(
    assert(tostring({}) == "table" and tostring(print or pairs) == "function")
    assert(string.format("%s %5s|%d %%", {}, true, 7) == "table  true|7 %")
    assert(("%s"):format(pairs) == "function"))")
              .empty());
  REQUIRE(outcome("string.format(\"%p\", {})") ==
          "test.lua:1: string.format: %p is an address, which differs in every run");
  REQUIRE(outcome("error({})").find("0x") == std::string::npos);
}

TEST_CASE("sorting is stable and takes a comparison", "[sandbox]") {
  REQUIRE(outcome(R"(
    local t = {}
    for i = 1, 500 do t[i] = { key = i * 7919 % 10, place = i } end
    table.sort(t, function(a, b) return a.key < b.key end)
    for i = 2, 500 do
      local a, b = t[i - 1], t[i]
      assert(a.key < b.key or (a.key == b.key and a.place < b.place))
    end
    local words = { "pear", "fig", "apple" }
    table.sort(words)
    assert(table.concat(words, " ") == "apple fig pear"))")
              .empty());
  REQUIRE(outcome("table.sort({ 1, \"a\" })").starts_with("test.lua:1: "));
}

TEST_CASE("durations are read exactly and written as people write them", "[language]") {
  REQUIRE(parse_duration("1.5s").value() == Duration::milliseconds(1500));
  REQUIRE(parse_duration("0.000000001s").value() == Duration::nanoseconds(1));
  REQUIRE(parse_duration("2 min").value() == Duration::minutes(2));
  REQUIRE(duration_text(Duration::milliseconds(1500)) == "1500ms");
  REQUIRE(duration_text(Duration::zero()) == "0s");
  for (const std::string wrong : {"", "5", "s", "-1s", "1.s", "1..5s", "0.0000000001s", "5 parsecs",
                                  "99999999999999999999s", "9999999999h", "1e3s", " 1s"}) {
    CAPTURE(wrong);
    REQUIRE_FALSE(parse_duration(wrong).ok());
  }
}

}  // namespace glasshouse::scenarios
