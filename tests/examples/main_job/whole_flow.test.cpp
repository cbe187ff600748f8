// The whole flow on small pictures: what a run leaves behind, that it does not depend on the number of threads, and that
// its pipelines are C++ which reproduces the models.
//
// The build defines EXAMPLE_FLAGS as it does for 04_search, and BUILT_ALIKE: a file of arguments with which the compiler
// builds reproduce.cpp as 04_search was built.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "../../deploy/compile_emitted.hpp"
#include "run.hpp"
#include "sample_inputs.hpp"
#include "search_report.hpp"

using namespace petra_test;
using petra::report::candidate;

namespace {

std::vector<std::string> const small{"--evaluations", "8", "--seconds", "60", "--max-loss", "100", "--seed", "3"};

std::vector<std::string> operator+(std::vector<std::string> a, std::vector<std::string> const& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// The first line in which two texts differ, as both have it; "" when they are equal.
std::string first_difference(std::string const& a, std::string const& b) {
  if (a == b) return "";
  std::size_t const n = std::min(a.size(), b.size());
  auto const at = static_cast<std::size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(n), b.begin()).first - a.begin());
  std::size_t const from = a.rfind('\n', at) + 1;
  return a.substr(from, 160) + "\n" + b.substr(from, 160);
}

// The last line, from front.json.
std::string expected_last_line(petra::report::front_report const& r) {
  candidate const& b = r.baseline;
  candidate const* const c = petra::report::chosen_model(r);
  REQUIRE(c != nullptr);
  char text[300];
  auto const change = [](double now, double before) { return 100 * (now / before - 1); };
  std::snprintf(text, sizeof text,
                "front: %zu models; model.hpp: quality %.2f (baseline %.2f), size %+.1f %%, latency %+.1f %%, "
                "throughput %+.1f %%",
                r.front.size(), 100 * *c->quality_test, 100 * *b.quality_test,
                change(static_cast<double>(c->size_bytes), static_cast<double>(b.size_bytes)),
                change(*c->latency_p50_ns, *b.latency_p50_ns), change(*c->throughput_per_s, *b.throughput_per_s));
  return text;
}

// A program that runs pipelines as written, on the data as 04_search prepares them, and prints quality and bytes of
// each; the last one it also emits.
std::string reproducing_program(std::vector<candidate> const& models, std::uint64_t seed) {
  std::string text = R"(
#include <cstdio>
#include "petra/petra.hpp"
int main(int, char** argv) {
  auto folder = petra::data::load_pictures(argv[1]);
  std::uint64_t const seed = SEED;
  auto [train, valid] = petra::data::split(folder.train, 0.1, seed);
  train.scaling = valid.scaling = petra::data::fit_normalization(train);
  petra::context<petra::data::picture_set> const context{
      .train = &train, .seed = seed, .augmentation = petra::data::crop_flip{.pad = 1, .flip = true}};
  auto const model = petra::models::resnet8<1, 10>(seed);
  auto const shape = train.sample_shape();
  std::string header;
  auto const show = [&](auto const& pipeline, char const* text) {
    auto const program =
        petra::deploy::lower(petra::compress(model, pipeline, context), shape, {.forms = nullptr});  // as a search does
    std::vector<float> samples(static_cast<std::size_t>(3 * shape.count()));
    for (petra::index_t i = 0; i < 3; ++i) valid.read(i, samples.data() + i * shape.count());
    header = petra::deploy::emit(program, {.pipeline = text, .samples = samples});
    std::printf("%.17g %td\n", petra::search::accuracy(program, valid), program.size_bytes());
  };
)";
  text.replace(text.find("SEED"), 4, std::to_string(seed));
  for (candidate const& c : models) text += "  show(" + c.pipeline + ",\n       \"" + c.pipeline + "\");\n";
  return text + "  petra::write_file(\"last.hpp\", header);\n}\n";
}

}  // namespace

TEST_CASE("04_search: a run leaves a front, a page, and a header that compiles alone and passes its self test") {
  sample_inputs const in;
  // A cost table of its own, really measured.
  auto const run = run_search(in.options({"--costs", in.out + "/costs.json"}) + small);
  CAPTURE(run.out);
  REQUIRE(run.code == 0);
  CHECK(run.err.empty());
  CHECK(in.left_behind() == "costs.json front.html front.json journal.jsonl model.hpp ");

  auto const r = read_report(in.out);
  CHECK(r.petra_version == "0.1.0");
  CHECK(r.seed == 3);
  CHECK(r.evaluations == 8);
  CHECK(r.flags == EXAMPLE_FLAGS);
  CHECK(r.baseline.pipeline == "petra::train{.epochs = 4}");
  CHECK(r.baseline.id == -1);
  candidate const* const chosen = petra::report::chosen_model(r);
  REQUIRE(chosen != nullptr);
  CHECK(chosen->emitted_latency_p50_ns.value_or(0) > 0);
  CHECK(run.last_line() == expected_last_line(r));
  CHECK(says(run.out, "model.hpp: compiled alone, its outputs match"));

  std::string const header = petra::read_file(in.out + "/model.hpp");
  CHECK(says(header, "weight_bytes = " + std::to_string(chosen->size_bytes), "macs = " + std::to_string(chosen->macs),
             "arena_bytes = " + std::to_string(chosen->peak_activation_bytes)));
  CHECK_MESSAGE(emitted::compile("model", header, "-O1") == 0, emitted::log_of("model"));
  CHECK(emitted::run("model") == 0);
  CHECK(says(petra::read_file(in.out + "/front.html"), "<!doctype html>", "</html>"));
}

TEST_CASE(
    "04_search: one seed and one cost table give the same search with one thread and with two; its pipelines reproduce "
    "it") {
  sample_inputs const in;
  auto const with = [&](std::string const& threads) {
    std::string const out = in.out + threads;
    auto const run = run_search(in.options({"--threads", threads, "--out", out}) + small, {.has_compiler = false});
    REQUIRE_MESSAGE(run.code == 0, run.err);
    return read_report(out);
  };
  auto const one = with("1"), two = with("2");
  CHECK(one.threads == 1);
  CHECK(two.threads == 2);
  REQUIRE(one.evaluations == 8);
  CHECK(found(one) == found(two));

  // The baseline, another member of the front, and last the chosen one, of which every byte is compared.
  candidate const* const chosen = petra::report::chosen_model(one);
  REQUIRE(chosen != nullptr);
  std::vector<candidate> models{one.baseline};
  REQUIRE(one.front.size() >= 2);
  for (candidate const& c : one.front)
    if (models.size() < 2 && c.id != chosen->id) models.push_back(c);
  models.push_back(*chosen);
  REQUIRE(models.size() == 3);
  std::string const at = in.folder.path();
  petra::write_file(at + "/reproduce.cpp", reproducing_program(models, one.seed));
  REQUIRE_MESSAGE(
      emitted::shell("cd '" + at + "' && " + emitted::compiler() + " @" BUILT_ALIKE " -o reproduce", "compile") == 0,
      emitted::log_of("compile"));
  REQUIRE(emitted::shell("cd '" + at + "' && ./reproduce '" + in.pictures.path() + "'", "reproduced") == 0);
  char line[100];
  std::string expected;
  for (candidate const& c : models) {
    std::snprintf(line, sizeof line, "%.17g %td\n", c.quality, c.size_bytes);
    expected += line;
  }
  CHECK(emitted::log_of("reproduced") == expected);
  CHECK(first_difference(petra::read_file(at + "/last.hpp"), petra::read_file(in.out + "1/model.hpp")) == "");
}

TEST_CASE("04_search: without a compiler the header is written and not checked") {
  sample_inputs const in;
  auto const run =
      run_search(in.options({"--evaluations", "1", "--seconds", "20", "--max-loss", "100"}), {.has_compiler = false});
  CHECK(run.code == 0);
  CHECK_FALSE(run.out.find("compiled alone") != run.out.npos);
  auto const r = read_report(in.out);
  REQUIRE(petra::report::chosen_model(r) != nullptr);
  CHECK_FALSE(petra::report::chosen_model(r)->emitted_latency_p50_ns);
  CHECK(in.left_behind() == "front.html front.json journal.jsonl model.hpp ");
}
