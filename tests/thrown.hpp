// The message of the error that f throws, any other outcome told apart, and what a message has to say.
#pragma once
#include <doctest/doctest.h>

#include <exception>
#include <string>
#include <string_view>

namespace petra_test {

template <class Error, class F>
std::string thrown(F&& f) {
  try {
    f();
  } catch (Error const& e) {
    return e.what();
  } catch (std::exception const& e) {
    return std::string("another exception: ") + e.what();
  }
  return "no exception";
}

// Every part occurs in the text; where one does not, the text is shown.
template <class... Part>
bool says(std::string_view text, Part const&... part) {
  bool const all = ((text.find(std::string_view(part)) != std::string_view::npos) && ...);
  if (!all) MESSAGE("found: " << std::string(text));
  return all;
}

}  // namespace petra_test
