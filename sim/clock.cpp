#include "sim/clock.h"

#include "runtime/base/check.h"

namespace glasshouse::sim {
namespace {

__extension__ using Wide = __int128;
constexpr std::int64_t million = 1'000'000;

// How much a clock of that drift gains on the true time: floor(time * ppm / 10^6).
Duration gained(Duration time, std::int32_t ppm) {
  const Wide product = static_cast<Wide>(time.nanoseconds()) * ppm;
  const Wide floor = product >= 0 ? product / million : -((-product + million - 1) / million);
  return Duration::nanoseconds(static_cast<std::int64_t>(floor));
}

}  // namespace

SimClock::SimClock(const Agenda& agenda, ClockOptions options)
    : agenda_(agenda), skew_(options.skew) {
  set_drift(options.drift_ppm);
}

Instant SimClock::now() const {
  if (drift_ppm_ == 0) return shown_base_ + (agenda_.now() - true_base_);
  const Duration passed = agenda_.now() - true_base_;
  return shown_base_ + passed + gained(passed, drift_ppm_);
}

Instant SimClock::wall() const {
  return world_epoch + now().since_origin() + skew_;
}

Instant SimClock::true_time_of(Instant shown) const {
  if (shown >= Agenda::end) return Instant::max();
  const Duration wanted = shown - shown_base_;
  if (wanted <= Duration::zero()) return true_base_;
  if (drift_ppm_ == 0) return true_base_ + wanted;
  const std::int64_t rate = million + drift_ppm_;
  const Wide passed = (static_cast<Wide>(wanted.nanoseconds()) * million + rate - 1) / rate;
  if (passed >= Agenda::end.nanoseconds()) return Instant::max();
  return true_base_ + Duration::nanoseconds(static_cast<std::int64_t>(passed));
}

void SimClock::set_drift(std::int32_t ppm) {
  CHECK(ppm >= -500'000);
  CHECK(ppm <= 1'000'000);
  shown_base_ = now();
  true_base_ = agenda_.now();
  drift_ppm_ = ppm;
}

}  // namespace glasshouse::sim
