#pragma once
// One row of the table of docs/benchmarks.md: the body of a process that plays the part of `main`,
// measures, prints one line and ends. The definitions of the rows are in docs/benchmarks.md.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/process/self.h"

namespace glasshouse::bench {

using runtime::Behaviour;
using runtime::Pid;
using runtime::Self;

class Arguments {
 public:
  explicit Arguments(std::vector<std::string> words) : words_(std::move(words)) {}
  // Throws std::invalid_argument, naming what is missing or no number.
  std::uint64_t number(std::size_t index) const;
  std::string text(std::size_t index, std::string_view otherwise) const;

 private:
  std::vector<std::string> words_;
};

struct Row {
  std::string_view name;
  std::string_view arguments;
  Pid (*spawn)(runtime::Node& node, Arguments arguments);
};

// A row that makes its own world.
struct LoneRow {
  std::string_view name;
  std::string_view arguments;
  void (*run)(const Arguments& arguments);
};

template <auto Body>
Pid spawn_row(runtime::Node& node, Arguments arguments) {
  return node.spawn<Body>(std::move(arguments));
}

// Messages that several rows share.
struct Go {};
struct Done {};
struct Ready {};
struct Number {
  std::uint64_t value = 0;
};

std::vector<Row> rows_of_messages();
std::vector<Row> rows_of_spawns();
std::vector<Row> rows_of_servers();
std::vector<Row> rows_of_tables();
std::vector<Row> rows_of_latency();
std::vector<LoneRow> rows_of_sim();
std::vector<LoneRow> rows_of_scenarios();
std::vector<LoneRow> rows_of_tracing();
std::vector<LoneRow> rows_of_machine();

// Waits for so many of the empty message M.
template <class M>
runtime::Task<void> wait_for(Self self, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    auto next = self.receive<M>();
    co_await next;
  }
}

}  // namespace glasshouse::bench
