#include "petra/nn/fit_settings.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"

TEST_CASE("fit_settings: every setting is checked") {
  auto said = [](auto change) {
    petra::nn::fit_settings s;
    change(s);
    return petra_test::thrown<petra::setting_error>([&] { petra::nn::check(s, 64); });
  };
  CHECK(said([](auto&) {}) == "no exception");
  CHECK(said([](auto& s) { s.epochs = -1; }) == "fit: epochs must be >= 0, found -1");
  CHECK(petra_test::says(said([](auto& s) { s.clipping.norm = -1; }), "fit: clipping.norm must be >= 0, found -1"));
  CHECK(petra_test::says(said([](auto& s) { s.clipping.value = -1; }), "fit: clipping.value must be >= 0, found -1"));
  CHECK(petra_test::says(said([](auto& s) { s.average = 1; }), "fit: average must lie in [0, 1), found 1"));
  CHECK(petra_test::says(said([](auto& s) { s.mixup = 2; }), "fit: mixup must lie in [0, 1], found 2"));
  CHECK(said([](auto& s) { s.checkpoint_every = -1; }) == "fit: checkpoint_every must be >= 0, found -1");
  CHECK(said([](auto& s) { s.views = 3; }) == "fit: views must divide the batch of 64, found 3");
  CHECK(said([](auto& s) { s.views = 2, s.batch = 128; }) == "no exception");
  CHECK(said([](auto& s) { s.batch = 65; }) ==
        "fit: expected at least one batch of 65 samples, found 64; use a smaller batch or more data");
}
