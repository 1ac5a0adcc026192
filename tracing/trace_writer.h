#pragma once
// Writes events, already in their order, to a new trace file: rows, names, lists, pyramid and
// keyframes. Used by the recorder's thread alone.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/observe/event.h"
#include "tracing/answers.h"
#include "tracing/database.h"
#include "tracing/key_numbers.h"
#include "tracing/posting_lists.h"
#include "tracing/pyramid.h"
#include "tracing/recorder.h"
#include "tracing/schema.h"
#include "tracing/side_tables.h"
#include "tracing/stream_flows.h"
#include "tracing/world_model.h"

namespace glasshouse::tracing {

class TraceWriter {
 public:
  static Result<std::unique_ptr<TraceWriter>> create(const RecorderOptions& options,
                                                     const RunDescription& run);

  void add(const Event& event, std::string_view text);
  void add_digest_point(std::uint64_t events, std::uint64_t digest);
  void add_decision(const DecisionRecord& decision);

  // True when something that must stand before this event has not come yet: the send of what is
  // received, the spawn of who acts.
  bool must_wait(const Event& event) const;

  std::uint64_t uncommitted() const { return seq_ - committed_; }
  Seq seq() const { return seq_; }
  Result<void> commit(std::uint64_t dropped);
  Result<void> finish(const RunOutcome& outcome, std::uint64_t dropped);

 private:
  TraceWriter(std::unique_ptr<Database> database, const RecorderOptions& options,
              const RunDescription& run);
  Result<void> prepare();
  Result<void> describe(const RunDescription& run, const RecorderOptions& options);
  void begin_if_needed();

  NameId number_of(runtime::Atom name);
  ProcessNumber number_of(ProcessKey key);
  ProcessNumber new_number(ProcessKey key);
  void end_processes_of(std::uint16_t node);
  Seq cause_of(const NumberedEvent& event, Seq known) const;
  void insert(const NumberedEvent& event, Seq cause, std::string_view text);
  void flush_chunk();
  void flush_pyramid();
  void keyframe_if_due();
  void run(Statement& statement) {
    if (!statement.run() && !failure_) failure_ = statement.error();
  }

  std::unique_ptr<Database> database_;
  WorldKind world_kind_;
  std::uint64_t kinds_;
  Statement insert_event_, insert_name_, insert_process_list_, insert_kind_list_, insert_keyframe_;
  Statement insert_cell_, remove_level_, insert_digest_, insert_decision_, update_run_;
  std::unique_ptr<SideTables> side_;

  Seq seq_ = 0;
  Seq committed_ = 0;
  std::int64_t last_time_ = 0;
  std::optional<Error> failure_;  // the first

  std::vector<NameId> names_;  // by the atom's index
  NameId name_count_ = 0;
  KeyNumbers numbers_;
  ProcessKey recent_key_[2];  // the last two asked for: most events are between the same few
  ProcessNumber recent_number_[2] = {};
  std::vector<Seq> exits_ = {0};  // by process number: when it exited, 0 if it has not
  std::uint64_t last_sent_message_ = 0;
  Seq last_send_ = 0;
  NumberedEvent last_event_;
  StreamFlows flows_;

  WorldModel model_;
  Seq last_keyframe_ = 0;
  std::uint64_t keyframe_bytes_ = 0;
  ChunkLists process_lists_;
  ChunkLists kind_lists_;
  Pyramid by_time_{time_shift_finest, time_levels};
  Pyramid by_event_{event_shift_finest, event_levels};
};

}  // namespace glasshouse::tracing
