// Low-rank decomposition: W (O,K) ~ u (O,r) . v (r,K) by truncated singular value decomposition, the best approximation of rank
// r in the Frobenius norm (Eckart, Young 1936). The square root of each singular value goes to either factor. A place where the
// factors would not be smaller than the weight is left alone and reported; so are grouped convolutions.
// Source: Denton et al., "Exploiting Linear Structure Within Convolutional Networks", NeurIPS 2014.
#pragma once
#include <cmath>

#include "petra/compress/pipeline.hpp"
#include "petra/linalg/svd.hpp"

namespace petra::inline PETRA_ABI::lowrank {

using petra::operator|;

// Keep the smallest r with  sum_{i<=r} s_i^2 >= share * sum_i s_i^2  (s: singular values, descending).
struct energy {
  float share = 0.9f;
  friend bool operator==(energy const&, energy const&) = default;
};
// Keep r singular values (all, if there are fewer).
struct rank {
  index_t r = 8;
  friend bool operator==(rank const&, rank const&) = default;
};
[[gnu::cold]] inline std::string expression(energy e) {
  return concat({"petra::lowrank::energy{", petra::expression(e.share), "}"});
}
[[gnu::cold]] inline std::string expression(rank r) { return concat({"petra::lowrank::rank{", r.r, "}"}); }

// s: singular values, descending. At least 1.
inline index_t kept_rank(std::span<double const> s, std::variant<energy, rank> const& keep) {
  auto const n = static_cast<index_t>(s.size());
  if (auto const* const r = std::get_if<rank>(&keep)) return std::min(n, r->r);
  double total = 0, sum = 0;
  for (double const x : s) total += x * x;
  double const wanted = static_cast<double>(std::get_if<energy>(&keep)->share) * total;
  for (index_t r = 0; r < n; ++r) {
    sum += s[static_cast<std::size_t>(r)] * s[static_cast<std::size_t>(r)];
    if (sum >= wanted) return r + 1;
  }
  return n;
}

struct svd {
  std::variant<energy, rank> keep = energy{0.9f};

  static constexpr rule law{.needs = trained, .forbids = quantized | masked | factored, .gives = factored};
  static constexpr char const* name = "petra::lowrank::svd";
  template <class S = svd>  // as every list of settings: compiled where a search or a report reads it
  static auto settings() {
    return std::tuple{setting{
        "keep", &S::keep, {energy{0.5f}, energy{0.7f}, energy{0.8f}, energy{0.9f}, rank{4}, rank{8}, rank{16}}}};
  }
  void check() const {
    if (auto const* const e = std::get_if<energy>(&keep); e != nullptr && !(e->share > 0 && e->share <= 1))
      throw_error<setting_error>({"lowrank::svd: energy must lie in (0, 1], found ", e->share});
    if (auto const* const r = std::get_if<rank>(&keep); r != nullptr && r->r < 1)
      throw_error<setting_error>({"lowrank::svd: rank must be >= 1, found ", r->r});
  }
  // The rank, and with it every cost, is known only once the weights are.
  [[nodiscard]] bool cost_depends_on_weights() const { return keep.index() == 0; }
  template <class Layer>
  static constexpr bool accepts = requires {
    requires !Layer::grouped;
  };

  // The choice is made by the numbers, so the type holds both.
  template <class Leaf>
  [[nodiscard]] nn::one_of<nn::full<Leaf>, nn::low_rank<Leaf>> rewrite(nn::full<Leaf> const& w) const {
    index_t const rows = w.a.w.rows(), cols = w.a.w.cols();
    if (rows < 2 || cols < 2) return w;
    auto const d = linalg::svd(w.a.w.matrix());
    index_t const r = kept_rank(d.s.span(), keep);
    if (r * (rows + cols) >= rows * cols) return w;
    nn::low_rank<Leaf> f;
    f.v = w.a;
    f.v.w = tensor<float>({r, cols});
    f.u = w.a;
    f.u.w = tensor<float>({rows, r});
    for (index_t k = 0; k < r; ++k) {
      double const root = std::sqrt(d.s[k]);
      for (index_t j = 0; j < cols; ++j) f.v.w(k, j) = static_cast<float>(root * d.v(k, j));
      for (index_t i = 0; i < rows; ++i) f.u.w(i, k) = static_cast<float>(root * d.u(i, k));
    }
    return f;
  }
  template <class Leaf>
  static bool changed(nn::one_of<nn::full<Leaf>, nn::low_rank<Leaf>> const& w) {
    return w.index() == 1;
  }

  template <class M, class D>
  auto apply(M const& m, context<D> const&, stage_report& r) const {
    index_t places = 0;
    auto out = m.map([&]<class P, class L>(P const& part, L const&) {
      if constexpr (!requires { part.effective(); }) {
        return part;
      } else {
        std::string const place = concat({"weight ", places++, ": left as it is, "});
        if constexpr (skips<svd, L>) {
          r.notes.push_back(place + "a factor of a grouped convolution would not be grouped");
          return part;
        } else {
          index_t const before = r.touched;
          auto q = rewritten(*this, r.touched, part);
          if (r.touched == before) r.notes.push_back(place + "factors of that rank would not be smaller");
          return q;
        }
      }
    });
    return out;
  }
  friend bool operator==(svd const&, svd const&) = default;
};

static_assert(stage<svd>);

}  // namespace petra::lowrank
