#include "petra/core/error.hpp"

#include <doctest/doctest.h>

#include <concepts>
#include <string>

TEST_CASE_TEMPLATE("error: every kind is a petra::error and a std::runtime_error and keeps its message", E,
                   petra::setting_error, petra::shape_error, petra::io_error, petra::stage_error, petra::training_error,
                   petra::stopped) {
  static_assert(std::derived_from<E, petra::error> && std::derived_from<E, std::runtime_error>);
  try {
    throw E("expected 64, found 32");
  } catch (petra::error const& e) {
    CHECK(std::string(e.what()) == "expected 64, found 32");
  }
}

TEST_CASE("error: kinds are told apart") {
  static_assert(!std::derived_from<petra::io_error, petra::setting_error>);
  CHECK_THROWS_AS(throw petra::stopped("by Ctrl-C"), petra::stopped);
}

TEST_CASE("error: thrown with a message made of pieces") {
  CHECK_THROWS_WITH_AS(petra::throw_error<petra::io_error>({"front.json: expected ", 64, ", found ", 0.5}),
                       "front.json: expected 64, found 0.500000", petra::io_error);
}
