// The cost table: (kernel, extents, instruction set) -> ns, in a file that a search can be repeated with.
//
// Asking never measures. The table is filled before a search (cost_measure.hpp measures the calls that a search can
// reach on a grid of channel counts, the machine otherwise idle), saved, and then only read: latencies are a function
// of the file, so a search gives the same candidates with one thread and with many, today and tomorrow. A call that is
// not in the table is estimated from those that are:
//   1. same call, other channels: bilinear between the four surrounding (inputs, outputs), linear where both are tied;
//   2. without such neighbors: linear in the work (multiply-accumulates) between the two entries of the same call with
//      the next smaller and larger work; beyond the ends proportional to work;
//   3. no entry of the same call: the same window on the map whose size is nearest, in proportion to the pixels;
//   4. a window that is the whole map: the product of one row that it is;
//   5. an own kernel (deploy/own_call.hpp): linear in the work between its entries;
//   6. else as 2, between all entries of the kernel: those with windows of more than a pixel if k has one, else the others.
// A table measured on a device makes the search target that device.
//
// Throws: io_error (file), setting_error when a kernel has no entry at all.
// Cost: of a question O(log n); of an estimate O(n) over the entries of the kernel.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "petra/core/file.hpp"
#include "petra/core/json.hpp"
#include "petra/deploy/cost_key.hpp"
#include "petra/deploy/instruction_set.hpp"

namespace petra::inline PETRA_ABI::deploy {

struct cost_entry {
  cost_key key;
  double ns = 0;
  friend bool operator==(cost_entry const&, cost_entry const&) = default;
};

// A cost and what it is a function of when interpolating.
struct cost_point {
  index_t inputs = 0, outputs = 0;
  double work = 0, ns = 0;
};

// y between (x0, y0) and (x1, y1) at x.
constexpr double between(double x, double x0, double y0, double x1, double y1) {
  return x1 == x0 ? y0 : y0 + (y1 - y0) * (x - x0) / (x1 - x0);
}

class cost_table {
 public:
  cost_table() = default;
  explicit cost_table(std::string instruction_set) : instruction_set_(std::move(instruction_set)) {}

  [[nodiscard]] std::string const& instruction_set() const { return instruction_set_; }
  // In ascending order of keys.
  [[nodiscard]] std::vector<cost_entry> const& entries() const { return entries_; }
  [[nodiscard]] bool contains(cost_key const& k) const { return find(k) != nullptr; }
  // Whether calls of the kernel can be estimated.
  [[nodiscard]] bool knows(kernel_kind k) const {
    for (cost_entry const& e : entries_)
      if (e.key.kind == k) return true;
    return false;
  }
  // Replaces the entry of the same key. Cost: linear in the larger keys, so fill a table in ascending order.
  [[gnu::cold]] void insert(cost_key const& k, double ns) {
    std::size_t const at = position(k);
    if (at == entries_.size() || entries_[at].key != k) {
      entries_.push_back({});
      for (std::size_t i = entries_.size() - 1; i > at; --i) entries_[i] = entries_[i - 1];
    }
    entries_[at] = {k, ns};
  }

  // From the table, or estimated from it.
  [[nodiscard]] double ns(cost_key const& k) const {
    if (cost_entry const* const e = find(k)) return e->ns;
    if (k.kind == kernel_kind::own) return by_work(k, own_points(k));
    if (cost_key const* const near = nearest_map(k)) {
      cost_key there = k;
      there.in.h = near->in.h, there.in.w = near->in.w, there.out.h = near->out.h, there.out.w = near->out.w;
      std::vector<cost_point> const same_call = points(there, true);
      auto const estimate = by_channels(there, same_call);
      return (estimate ? *estimate : by_work(there, same_call)) * pixels(k) / pixels(there);
    }
    if (k.out.h * k.out.w == 1 && k.in.h * k.in.w > 1 && k.in.h == k.kernel_h && k.in.w == k.kernel_w && k.groups == 1)
      return ns({k.kind, {1, 1, k.in.h * k.in.w * k.in.c}, k.out});
    return by_work(k, points(k, false));
  }
  [[nodiscard]] double latency_ns(program const& p) const {
    double sum = 0;
    for (cost_key const& k : keys_of(p)) sum += ns(k);
    return sum;
  }

 private:
  // Of the first entry whose key is not below k.
  [[nodiscard]] std::size_t position(cost_key const& k) const {
    std::size_t low = 0, high = entries_.size();
    while (low < high) {
      std::size_t const middle = (low + high) / 2;
      if (entries_[middle].key < k)
        low = middle + 1;
      else
        high = middle;
    }
    return low;
  }
  [[nodiscard]] cost_entry const* find(cost_key const& k) const {
    std::size_t const at = position(k);
    return at < entries_.size() && entries_[at].key == k ? &entries_[at] : nullptr;
  }
  static double pixels(cost_key const& k) { return static_cast<double>(k.out.h * k.out.w); }
  // Of the entries with k's window, one on a map whose number of pixels is nearest, as a ratio; ties go to the smaller.
  [[nodiscard]] cost_key const* nearest_map(cost_key const& k) const {
    cost_key const* nearest = nullptr;
    double least = 0;
    for (auto const& [other, ns] : entries_) {
      if (other.kind != k.kind || !same_window(other, k)) continue;
      double const ratio = pixels(other) / pixels(k), far = std::max(ratio, 1 / ratio);
      if (nearest == nullptr || far < least) nearest = &other, least = far;
    }
    return nearest;
  }
  static bool same_window(cost_key const& a, cost_key const& b) {
    return a.kernel_h == b.kernel_h && a.kernel_w == b.kernel_w && a.stride == b.stride && a.pad == b.pad &&
           a.groups == b.groups && a.dilation == b.dilation;
  }
  static bool has_window(cost_key const& k) { return k.kernel_h * k.kernel_w > 1; }
  // Entries of k's kernel. of_call: only those that differ from k in channels alone; else those that have a window as k
  // does, or all where there are none.
  [[nodiscard]] std::vector<cost_point> points(cost_key const& k, bool of_call) const {
    std::vector<cost_point> found, others;
    for (auto const& [other, ns] : entries_) {
      if (other.kind != k.kind) continue;
      bool const fits = of_call ? other.family() == k.family() : has_window(other) == has_window(k);
      (fits ? found : others).push_back({other.in.c, other.out.c, other.work(), ns});
    }
    return found.empty() && !of_call ? others : found;
  }

  // Entries of the same own kernel.
  [[nodiscard, gnu::cold]] std::vector<cost_point> own_points(cost_key const& k) const {
    std::vector<cost_point> found;
    for (auto const& [other, ns] : entries_)
      if (other.kind == k.kind && other.own_name() == k.own_name()) found.push_back({0, 0, other.work(), ns});
    return found;
  }

  static std::optional<double> by_channels(cost_key const& k, std::vector<cost_point> const& points) {
    if (k.kept > 0) return std::nullopt;  // channels say little about what is kept
    // The nearest counts of a measured axis on both sides of n.
    auto const around = [&](index_t cost_point::*axis, index_t n) -> std::optional<std::pair<index_t, index_t>> {
      index_t lo = -1, hi = -1;
      for (cost_point const& p : points) {
        if (p.*axis <= n && p.*axis > lo) lo = p.*axis;
        if (p.*axis >= n && (hi < 0 || p.*axis < hi)) hi = p.*axis;
      }
      if (lo < 0 || hi < 0) return std::nullopt;
      return std::pair(lo, hi);
    };
    auto const at = [&](index_t inputs, index_t outputs) -> double const* {
      for (cost_point const& p : points)
        if (p.inputs == inputs && p.outputs == outputs) return &p.ns;
      return nullptr;
    };
    auto const c = around(&cost_point::inputs, k.in.c), o = around(&cost_point::outputs, k.out.c);
    if (!c || !o) return std::nullopt;
    auto const [c0, c1] = *c;
    auto const [o0, o1] = *o;
    auto const x = static_cast<double>(k.in.c), x0 = static_cast<double>(c0), x1 = static_cast<double>(c1);
    double const *p00 = at(c0, o0), *p11 = at(c1, o1);
    if (!p00 || !p11) return std::nullopt;
    if (k.is_channelwise()) return between(x, x0, *p00, x1, *p11);
    double const *p01 = at(c0, o1), *p10 = at(c1, o0);
    if (!p01 || !p10) return std::nullopt;
    return between(static_cast<double>(k.out.c), static_cast<double>(o0), between(x, x0, *p00, x1, *p10),
                   static_cast<double>(o1), between(x, x0, *p01, x1, *p11));
  }

  static double by_work(cost_key const& k, std::vector<cost_point> const& points) {
    double const work = k.work();
    cost_point const *below = nullptr, *above = nullptr;
    for (cost_point const& p : points) {
      if (p.work <= work && (!below || p.work > below->work)) below = &p;
      if (p.work >= work && (!above || p.work < above->work)) above = &p;
    }
    if (!below && !above)
      throw_error<setting_error>({"cost table: expected an entry for ",
                                  k.kind == kernel_kind::own ? k.own_name() : std::string_view(name_of(k.kind)),
                                  ", found none to estimate ", k.text(),
                                  " from; delete the costs file to measure again"});
    if (below && above) return between(work, below->work, below->ns, above->work, above->ns);
    cost_point const& end = below ? *below : *above;
    return end.ns * work / end.work;
  }

  std::string instruction_set_ = deploy::instruction_set();
  std::vector<cost_entry> entries_;
};

template <class = void>
[[nodiscard, gnu::cold]] json to_json(cost_table const& t) {
  auto const map = [](map_shape const& m) { return json(json::array{m.h, m.w, m.c}); };
  json::array entries;
  for (auto const& [k, ns] : t.entries()) {
    json e = json::object{{"op", name_of(k.kind)}, {"in", map(k.in)},
                          {"out", map(k.out)},     {"kernel", json::array{k.kernel_h, k.kernel_w}},
                          {"stride", k.stride},    {"pad", k.pad},
                          {"groups", k.groups},    {"ns", ns}};
    if (k.kept > 0) e["kept"] = k.kept;
    if (k.dilation > 1) e["dilation"] = k.dilation;
    if (k.kind == kernel_kind::own) e["own"] = k.own;
    entries.push_back(std::move(e));
  }
  return json::object{
      {"format", "petra costs 1"}, {"instruction_set", t.instruction_set()}, {"entries", std::move(entries)}};
}

// name: of the file, for messages.
template <class = void>
[[nodiscard, gnu::cold]] cost_table costs_from_json(json const& j, std::string const& name) {
  std::size_t i = 0;
  auto const fail = [&](std::string const& expected, std::string const& found) {
    throw_error<io_error>({name, ": entry ", i, ": expected ", expected, ", found ", found});
  };
  auto const extent = [&](json const& v, char const* what, index_t least, index_t most = index_t{1} << 24) {
    auto const n = v.as_int(what);
    if (n < least || n > most) fail(concat({what, " from ", least, " to ", most}), std::to_string(n));
    return static_cast<index_t>(n);
  };
  auto const list = [&](json const& v, char const* what, std::size_t count) -> json::array const& {
    auto const& a = v.as_array(what);
    if (a.size() != count) fail(std::to_string(count) + " numbers in " + what, std::to_string(a.size()));
    return a;
  };
  auto const map = [&](json const& v, char const* what) {
    auto const& a = list(v, what, 3);
    return map_shape{extent(a[0], what, 1), extent(a[1], what, 1), extent(a[2], what, 1)};
  };
  auto const kind = [&](std::string const& op) {
    for (int k = 0; k < kernel_kinds; ++k)
      if (op == name_of(static_cast<kernel_kind>(k))) return static_cast<kernel_kind>(k);
    fail("the name of a kernel", "'" + op + "'");
    return kernel_kind{};
  };
  try {
    if (auto const& format = j.at("format").as_string("format"); format != "petra costs 1")
      throw_error<io_error>({"expected format 'petra costs 1', found '", format, "'"});
    cost_table t(j.at("instruction_set").as_string("instruction_set"));
    for (auto const& entries = j.at("entries").as_array("entries"); i < entries.size(); ++i) {
      json const& e = entries[i];
      auto const& window = list(e.at("kernel"), "kernel", 2);
      cost_key k{kind(e.at("op").as_string("op")), map(e.at("in"), "in"),
                 map(e.at("out"), "out"),          extent(window[0], "kernel", 1),
                 extent(window[1], "kernel", 1),   extent(e.at("stride"), "stride", 1),
                 extent(e.at("pad"), "pad", 0),    extent(e.at("groups"), "groups", 1)};
      if (json const* const kept = e.find("kept")) k.kept = extent(*kept, "kept", 1, max_own_work);
      if (k.kind == kernel_kind::own) k.own = e.at("own").as_string("own");
      if (json const* const dilation = e.find("dilation")) k.dilation = extent(*dilation, "dilation", 1);
      double const ns = e.at("ns").as_double("ns");
      if (!(ns > 0 && std::isfinite(ns))) fail("ns above 0", std::to_string(ns));
      if (t.contains(k)) fail("every call once", k.text() + " again");
      t.insert(k, ns);
    }
    return t;
  } catch (io_error const& e) {
    std::string const what = e.what();
    throw io_error(what.starts_with(name) ? what : name + ": " + what);
  }
}

template <class = void>
[[nodiscard, gnu::cold]] cost_table load_costs(std::string const& path) {
  return costs_from_json(json::parse(read_file(path), path), path);
}
template <class = void>
void save_costs(cost_table const& t, std::string const& path) {
  write_file(path, to_json(t).dump(1) + "\n");
}

}  // namespace petra::deploy
