#include "runtime/process/message.h"

namespace glasshouse::runtime {

void MessageDeleter::operator()(Message* message) const {
  if (message->type != nullptr) {
    message->type->destroy(message);
  } else {
    delete static_cast<Signal*>(message);
  }
}

MessagePtr make_signal(MessageKind kind, Pid from) {
  auto* signal = new Signal;
  signal->kind = kind;
  signal->from = from;
  return MessagePtr(signal);
}

}  // namespace glasshouse::runtime
