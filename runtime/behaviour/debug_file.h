#pragma once
// The process that writes the system events of another one into a file, for sys::log_to_file. It
// asks the node's storage, so that the other one never waits for a disk.
//
// Bounds: at most debug_file_events_max events wait to be written; more are dropped. The first that
// cannot be written ends it, with a warning. It ends with the process it writes of, too; what came
// before that is written.
//
// OTP: sys:log_to_file/2,3.

#include <cstdint>
#include <string>

#include "runtime/process/self.h"

namespace glasshouse::runtime {

inline constexpr std::uint32_t debug_file_events_max = 10'000;

// To the writer: that was all.
struct DebugFileEnd {};

// Takes SystemEvents of `process`. Started by proc_lib: {ok, Pid} when the file is there and empty,
// {error, open_file} when it cannot be.
Behaviour debug_file(Self self, To process, std::string path);

}  // namespace glasshouse::runtime
