#pragma once

#include <stdexcept>
#include <string>

namespace goshawk {

/// A failure with a stable code that JavaScript turns into a GoshawkError; the message names the cause.
class Failure : public std::runtime_error {
 public:
  Failure(std::string code, const std::string &message) : std::runtime_error(message), code_(std::move(code)) {}
  const std::string &code() const { return code_; }

 private:
  std::string code_;
};

/// The same as a value: the outcome of one frame. Empty code: no failure.
struct Verdict {
  std::string code;
  std::string message;
  bool ok() const { return code.empty(); }
};

}  // namespace goshawk
