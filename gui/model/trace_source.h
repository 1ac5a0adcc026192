#pragma once
// A recorded run, asked through tracing's Reader. Also the past of a live run, whose recorder
// writes the file that is read here.

#include <memory>
#include <string>

#include "gui/model/source.h"
#include "tracing/reader.h"

namespace glasshouse::gui {

class TraceSource : public Source {
 public:
  explicit TraceSource(tracing::Reader reader);
  static runtime::Result<std::unique_ptr<Source>> open(const std::string& path);

  RunInfo info() override;
  Extent extent() override;
  Overview overview(std::size_t slices) override;
  std::vector<ProcessRow> processes(Moment at) override;
  std::vector<SupervisorRow> supervisors(Moment at) override;
  ProcessDetail detail(ProcessKey process, Moment at) override;
  std::vector<Moment> matching(const EventFilter& filter, Moment after) override;
  std::vector<EventRow> events(std::span<const Moment> moments) override;
  std::optional<Moment> step(Direction direction, const StepFrom& from) override;
  std::optional<Moment> cause(Moment moment) override;
  std::optional<Moment> effect(Moment moment) override;
  Moment moment_at(std::int64_t time_ns) override;
  std::int64_t time_of(Moment moment) override;
  std::string take_problem() override;

 protected:
  // The value, or what `otherwise` is, with the sentence kept for take_problem.
  template <class T>
  T take(runtime::Result<T> result, T otherwise = {}) {
    if (result.ok()) return *std::move(result);
    problem_ = result.error().what;
    return otherwise;
  }

  tracing::Reader reader_;

 private:
  const std::vector<CrashRow>& crashes();

  std::string problem_;
  std::vector<CrashRow> crashes_;
  Moment crashes_to_ = 0;  // how far the run was when they were asked
};

}  // namespace glasshouse::gui
