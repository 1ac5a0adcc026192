// Exit reasons.

#include <exception>
#include <string>
#include <typeinfo>

#include <cxxabi.h>

#include "runtime/base/demangle.h"
#include "runtime/process/process.h"
#include "runtime/term/type_name.h"

namespace glasshouse::runtime {

namespace {

// std::runtime_error is runtime_error, app::BadAccount is bad_account.
Atom name_of(const std::type_info& type) {
  const std::string full = demangled(type.name());
  return Atom(detail::snake_case(detail::without_namespaces(full)).view());
}

}  // namespace

Term exit_reason_of(std::exception_ptr failure) {
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const ExitException& exit) {
    return exit.reason();
  } catch (const std::exception& error) {
    return tuple(Term(name_of(typeid(error))), binary(error.what()));
  } catch (...) {
    return Term(name_of(*abi::__cxa_current_exception_type()));
  }
}

bool is_orderly(const Term& reason) {
  return reason == Term(atoms::normal) || reason == Term(atoms::shutdown) ||
         reason.is_tuple(atoms::shutdown, 2);
}

}  // namespace glasshouse::runtime
