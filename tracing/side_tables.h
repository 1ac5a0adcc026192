#pragma once
// The small tables of a trace that are made of a few kinds of events: nodes, processes, crashes,
// faults, streams, properties, marks. One thread at a time.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/observe/event.h"
#include "tracing/answers.h"
#include "tracing/database.h"
#include "tracing/world_model.h"

namespace glasshouse::tracing {

class SideTables {
 public:
  static Result<SideTables> prepare(Database& database);

  void add_process(ProcessNumber number, ProcessKey key);
  // `world` as it was before the event.
  void add(const NumberedEvent& numbered, const runtime::Event& event, std::string_view text,
           const WorldModel& world);
  // Writes what is kept in memory until a commit.
  void flush();
  void finish(const std::vector<PropertyInfo>& properties);
  // The first statement that failed, if one did.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  struct Stream {
    std::string opened_as;
    std::string peer;
    std::string close_reason;
    ProcessNumber owner = 0;
    std::uint16_t node = 0;
    Seq opened = 0;
    Seq closed = 0;
    std::uint64_t sent = 0;
    std::uint64_t arrived = 0;
    std::uint64_t faults = 0;
    bool dirty = false;
  };
  void on_spawn(const NumberedEvent& numbered, const runtime::Event& event);
  void on_exit(ProcessNumber process, Seq seq, std::string_view reason);
  void on_label(ProcessNumber process, std::string_view text);
  void on_node(const NumberedEvent& numbered, const runtime::Event& event, const WorldModel& world);
  void on_stream(const NumberedEvent& numbered, const runtime::Event& event, std::string_view text);
  void on_fault(const NumberedEvent& numbered, const runtime::Event& event, std::string_view text);
  void on_property(const NumberedEvent& numbered, const runtime::Event& event,
                   std::string_view text);
  void mark(Seq seq);
  void run(Statement& statement) {
    if (!statement.run() && !failure_) failure_ = statement.error();
  }

  Statement insert_process_, spawn_process_, exit_process_, name_process_, label_process_;
  Statement node_up_, node_down_, crash_, mark_, fault_begin_, fault_end_, stream_;
  Statement property_, verdict_;
  std::map<std::uint64_t, Stream> streams_;  // those that are open
  std::vector<std::uint64_t> dirty_;
  std::optional<Error> failure_;
};

}  // namespace glasshouse::tracing
