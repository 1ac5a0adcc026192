#pragma once
// What the runtime logs of itself, as reports with OTP's labels. SASL's reports have the domain
// [otp,sasl], others [otp].
//
//   {proc_lib,crash}        error  a process ended with a reason that is not orderly
//   {gen_server,terminate}  error  a server did; so {gen_statem,terminate}, ...
//   {supervisor,progress}   info   a child was started
//   {supervisor,Context}    error  child_terminated, start_error, shutdown_error, shutdown
//   {application_controller,progress}  info    an application was started
//   {application_controller,exit}      notice  one ended, was stopped, or did not start
//
// REQUIRES: called by the runner of the process in question.

#include <string_view>

#include "runtime/observe/logger.h"
#include "runtime/process/process.h"

namespace glasshouse::runtime {

// #{label => {proc_lib,crash}, report => CrashReport}; see crash_report.h.
void log_crash(Node& node, const Process& process, Term report);

// #{label => {Behaviour,terminate}, name, last_message, state, reason, log, client_info}.
struct TerminateReport {
  Atom behaviour;
  Term reason;
  Term log = nil();  // sys's log of last events
};
void log_terminate(const Process& process, const TerminateReport& report);

// #{label => {supervisor,progress}, report => #{supervisor, started}}.
void log_progress(const Process& supervisor, Term child);
// #{label => {supervisor,Context}, report => #{supervisor, errorContext, reason, offender}}.
void log_supervisor_error(const Process& supervisor, std::string_view context, const Term& reason,
                          Term child);

// #{label => {application_controller,progress}, report => [{application,A},{started_at,Node}]}.
void log_application_started(const Process& controller, Atom application);
// #{label => {application_controller,exit}, report => [{application,A},{exited,Reason},{type,T}]}.
void log_application_exit(const Process& controller, Atom application, const Term& reason,
                          Atom type);

// {local,Name}, or the pid of a process without a name.
Term name_in_report(const Process& process);

}  // namespace glasshouse::runtime
