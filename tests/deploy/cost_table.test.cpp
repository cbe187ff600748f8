#include "petra/deploy/cost_table.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "petra/deploy/compile.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;
using petra::index_t;

namespace {

cost_key conv(index_t inputs, index_t outputs, kernel_kind kind = kernel_kind::conv2d_s8) {
  return {kind, {8, 8, inputs}, {8, 8, outputs}, 3, 3, 1, 1, 1};
}

std::string temporary(char const* name) {
  char const* folder = std::getenv("TMPDIR");
  return std::string(folder ? folder : "/tmp") + "/" + name;
}

doctest::String refusal(std::string const& text) {
  try {
    (void)costs_from_json(petra::json::parse(text, "costs.json"), "costs.json");
    return {};
  } catch (petra::io_error const& e) {
    return {e.what()};
  }
}

}  // namespace

TEST_CASE("costs: an entry is returned as it is, asking never changes the table") {
  cost_table t;
  t.insert(conv(16, 16), 123.5);
  CHECK(t.ns(conv(16, 16)) == 123.5);
  (void)t.ns(conv(8, 24));
  CHECK(t.entries().size() == 1);
}

TEST_CASE("costs: entries are sorted whatever order they come in, the last of a key stays") {
  cost_table t;
  for (index_t const c : {16, 8, 24, 16, 12}) t.insert(conv(c, c), static_cast<double>(t.entries().size() + 1));
  REQUIRE(t.entries().size() == 4);
  for (std::size_t i = 1; i < 4; ++i) CHECK(t.entries()[i - 1].key < t.entries()[i].key);
  CHECK(t.ns(conv(16, 16)) == 4);
  CHECK(t.ns(conv(8, 8)) == 2);
  CHECK(!t.contains(conv(8, 9)));
}

TEST_CASE("costs: bilinear between four neighbors") {
  cost_table t;
  for (index_t const c : {8, 16, 24})
    for (index_t const o : {8, 16}) t.insert(conv(c, o), static_cast<double>(100 * c + 10 * o + c * o));
  for (index_t const c : {8, 11, 16, 20, 24})
    for (index_t const o : {8, 9, 15, 16})
      CHECK(t.ns(conv(c, o)) == doctest::Approx(static_cast<double>(100 * c + 10 * o + c * o)));
}

TEST_CASE("costs: linear where inputs and outputs are tied") {
  cost_table t;
  auto const add = [](index_t c) { return cost_key{kernel_kind::add_s8, {8, 8, c}, {8, 8, c}}; };
  t.insert(add(8), 100);
  t.insert(add(16), 180);
  CHECK(t.ns(add(12)) == doctest::Approx(140));
  CHECK(t.ns(add(32)) == doctest::Approx(360));  // beyond the end: in proportion to work
}

TEST_CASE("costs: without four neighbors, linear in the work; beyond the ends in proportion to it") {
  cost_table t;
  t.insert(conv(8, 8), 100);
  t.insert(conv(16, 16), 340);
  CHECK(t.ns(conv(8, 16)) == doctest::Approx(100 + 240. * 64 / 192));
  CHECK(t.ns(conv(32, 16)) == doctest::Approx(680));
  CHECK(t.ns(conv(4, 8)) == doctest::Approx(50));
  // Another map: the same kernel's entries answer.
  cost_key wide = conv(16, 16);
  wide.in.h = wide.out.h = 16;
  CHECK(t.ns(wide) == doctest::Approx(680));
}

TEST_CASE("costs: a map that was not measured costs what the nearest one does, by pixels and not by another window") {
  cost_table t;
  auto const on = [](index_t size, index_t kernel, index_t c) {
    return cost_key{kernel_kind::conv2d_s8, {size, size, c}, {size, size, c}, kernel, kernel, 1, kernel / 2, 1};
  };
  t.insert(on(32, 3, 16), 1000);
  t.insert(on(8, 3, 16), 100);
  t.insert(on(24, 1, 16), 7);
  CHECK(t.ns(on(24, 3, 16)) == doctest::Approx(1000. * 24 * 24 / (32 * 32)));
  CHECK(t.ns(on(10, 3, 16)) == doctest::Approx(100. * 100 / 64));
  CHECK(t.ns(on(16, 3, 8)) == doctest::Approx(100));  // of 8 and 32, as near, the smaller
  CHECK(t.ns(on(48, 1, 16)) == doctest::Approx(28));
  CHECK(t.knows(kernel_kind::conv2d_s8));
  CHECK(!t.knows(kernel_kind::conv2d_f32));
}

TEST_CASE("costs: a window that is the whole map is a row of a product; windows do not answer for pixels") {
  cost_table t;
  auto const row = [](index_t c, index_t o) { return cost_key{kernel_kind::dense_f32, {1, 1, c}, {1, 1, o}}; };
  t.insert(row(64, 16), 100);
  t.insert(row(128, 16), 180);
  CHECK(t.ns({kernel_kind::dense_f32, {4, 4, 6}, {1, 1, 16}, 4, 4}) == doctest::Approx(140));
  CHECK(t.ns({kernel_kind::dense_f32, {4, 4, 8}, {1, 1, 16}, 4, 4}) == 180);

  t.insert(conv(8, 8), 50);  // 64 pixels, 9 taps
  t.insert({kernel_kind::conv2d_s8, {1, 1, 1024}, {1, 1, 1024}}, 7);
  cost_key five = conv(8, 8);
  five.kernel_h = five.kernel_w = 5, five.pad = 2;
  CHECK(t.ns(five) == doctest::Approx(50. * 25 / 9));
  cost_key strided{kernel_kind::conv2d_s8, {8, 8, 256}, {4, 4, 256}, 1, 1, 2};
  CHECK(t.ns(strided) == doctest::Approx(7));  // as many multiply-accumulates as the row of 1024 x 1024
}

TEST_CASE("costs: more work never costs less in a table where it does not") {
  cost_table t;
  for (index_t const c : {8, 16, 32})
    for (index_t const o : {8, 16, 32}) t.insert(conv(c, o), 50 + static_cast<double>(c * o));
  for (index_t c = 1; c < 40; ++c)
    for (index_t o = 1; o < 40; ++o) {
      CHECK(t.ns(conv(c + 1, o)) >= t.ns(conv(c, o)) * 0.999);
      CHECK(t.ns(conv(c, o + 1)) >= t.ns(conv(c, o)) * 0.999);
    }
}

TEST_CASE("costs: a kernel without any entry is an error that says what to do") {
  cost_table t;
  t.insert(conv(16, 16), 1);
  CHECK_THROWS_WITH_AS((void)t.ns(conv(16, 16, kernel_kind::conv2d_f32)),
                       doctest::Contains("expected an entry for conv2d_f32, found none to estimate conv2d_f32 8x8x16"),
                       petra::setting_error);
}

TEST_CASE("costs: the latency of a program is the sum of its steps") {
  program const p = compile(sample::resnet8(true, {8, 8, 3}, 8));
  cost_table t;
  double sum = 0;
  for (cost_key const& k : keys_of(p)) t.insert(k, k.work() + 0.25);
  for (cost_key const& k : keys_of(p)) sum += k.work() + 0.25;
  CHECK(t.latency_ns(p) == doctest::Approx(sum).epsilon(1e-12));
}

TEST_CASE("costs: a file is read back to the same bits, byte by byte the same when written again") {
  cost_table t("some_device");
  for (cost_key const& k : keys_of(compile(sample::zoo(true)))) t.insert(k, 1. / 3 * k.work());
  for (cost_key const& k : keys_of(compile(sample::zoo(false)))) t.insert(k, 0.1 * k.work());
  cost_key sparse{kernel_kind::dense_block_sparse_s8, {8, 1, 64}, {8, 1, 32}};
  sparse.kept = 640;
  t.insert(sparse, 7.5);
  std::string const path = temporary("costs.json");
  save_costs(t, path);
  cost_table const back = load_costs(path);
  CHECK(back.instruction_set() == "some_device");
  CHECK(back.entries() == t.entries());
  CHECK(to_json(back).dump(1) == to_json(t).dump(1));
  CHECK_THROWS_AS((void)load_costs(temporary("no_such_costs.json")), petra::io_error);
}

TEST_CASE("costs: a malformed file is named, with the entry, what was expected and what was found") {
  using doctest::Contains;
  auto const file = [](std::string const& entries, std::string const& format = "petra costs 1") {
    return R"({"format": ")" + format + R"(", "instruction_set": "sse2", "entries": [)" + entries + "]}";
  };
  auto const entry = [](std::string const& op, std::string const& in, std::string const& ns) {
    return R"({"op": ")" + op + R"(", "in": )" + in +
           R"(, "out": [8,8,16], "kernel": [3,3], "stride": 1, "pad": 1, "groups": 1, "ns": )" + ns + "}";
  };
  std::string const good = entry("conv2d_s8", "[8,8,16]", "12.5");
  CHECK(refusal(file("")) == "");
  CHECK(refusal(file(good)) == "");
  CHECK(refusal("[]") == Contains("costs.json: json: expected"));
  CHECK(refusal("{}") == Contains("expected a member \"format\""));
  CHECK(refusal(file("", "petra costs 2")) ==
        Contains("costs.json: expected format 'petra costs 1', found 'petra costs 2'"));
  CHECK(refusal(file(entry("conv3d", "[8,8,16]", "1"))) ==
        Contains("entry 0: expected the name of a kernel, found 'conv3d'"));
  CHECK(refusal(file(entry("add_s8", "[8,8]", "1"))) == Contains("expected 3 numbers in in, found 2"));
  CHECK(refusal(file(entry("add_s8", "[8,0,8]", "1"))) == Contains("expected in from 1 to 16777216, found 0"));
  CHECK(refusal(file(entry("add_s8", "[8,99999999,8]", "1"))) == Contains("found 99999999"));
  CHECK(refusal(file(entry("add_s8", "[8,8,16]", "0"))) == Contains("expected ns above 0, found 0"));
  CHECK(refusal(file(entry("add_s8", "[8,8,16]", "-3"))) == Contains("expected ns above 0"));
  CHECK(refusal(file(entry("add_s8", "[8,8,16]", "\"fast\""))) ==
        Contains("costs.json: json: expected ns to be a number"));
  CHECK(refusal(file(good + "," + good)) == Contains("entry 1: expected every call once, found conv2d_s8 8x8x16"));
}

TEST_CASE("costs: an own kernel is known by name and extents, others of its name are estimated by their work") {
  auto const own = [](std::string name, index_t work) {
    cost_key k{kernel_kind::own, {1, 100, 16}, {1, 100, 64}};
    k.own = std::move(name);
    k.kept = work;
    return k;
  };
  cost_table t("sse2");
  t.insert(own("gru_f32{100, 16, 64}", 1000), 50);
  t.insert(own("gru_f32{100, 16, 128}", 3000), 150);
  CHECK(t.ns(own("gru_f32{100, 16, 64}", 1000)) == 50);
  CHECK(t.ns(own("gru_f32{100, 16, 96}", 2000)) == 100);
  CHECK(t.ns(own("gru_f32{200, 16, 128}", 6000)) == 300);
  CHECK_THROWS_WITH_AS(static_cast<void>(t.ns(own("gru_s8{100, 16, 64}", 1000))),
                       "cost table: expected an entry for gru_s8, found none to estimate gru_s8{100, 16, 64} from; "
                       "delete the costs file to measure again",
                       petra::setting_error);
  CHECK(costs_from_json(petra::json::parse(to_json(t).dump(1), "f"), "f").entries() == t.entries());
}
