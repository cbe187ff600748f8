// Structured pruning: whole channels are removed, together with everything that depends on them (channel groups from
// nn/channel_plan.hpp), so the model really is smaller. Changes shapes; the layers' unpinned extents become dyn.
//
// Importance of a channel, summed over the layers of its group after scaling each layer's scores to mean 1:
//   magnitude: squared L2 norm of its filter (Li et al., "Pruning Filters for Efficient ConvNets", ICLR 2017)
//   taylor:    (sum over the filter of gradient * weight)^2, summed over batches (Molchanov et al., "Importance Estimation for
//              Neural Network Pruning", CVPR 2019, eq. 8)
#pragma once
#include <numeric>

#include "petra/compress/pipeline.hpp"
#include "petra/compress/usual_loss.hpp"
#include "petra/core/order.hpp"
#include "petra/nn/evaluate.hpp"
#include "petra/nn/loosen.hpp"

namespace petra::inline PETRA_ABI::prune {

using petra::operator|;

enum class importance { magnitude, taylor };
[[gnu::cold]] inline std::string expression(importance i) {
  return i == importance::magnitude ? "petra::prune::importance::magnitude" : "petra::prune::importance::taylor";
}

struct channels {
  float ratio = 0.3f;  // share of each group's channels to remove
  importance by = importance::magnitude;
  index_t lanes = 4;      // widths stay multiples of this: int8 kernels take inputs by fours
  index_t samples = 512;  // for taylor

  static constexpr rule law{.needs = trained, .forbids = quantized};
  static constexpr char const* name = "petra::prune::channels";
  template <class S = channels>  // as every list of settings: compiled where a search or a report reads it
  static auto settings() {
    return std::tuple{setting{"ratio", &S::ratio, {0.125f, 0.25f, 0.375f, 0.5f, 0.625f}},
                      setting{"by", &S::by, {importance::magnitude, importance::taylor}}, setting{"lanes", &S::lanes},
                      setting{"samples", &S::samples}};
  }
  void check() const {
    if (!(ratio > 0 && ratio < 1))
      throw_error<setting_error>({"prune::channels: ratio must lie in (0, 1), found ", ratio});
    if (lanes < 1) throw_error<setting_error>({"prune::channels: lanes must be >= 1, found ", lanes});
    if (samples < 1) throw_error<setting_error>({"prune::channels: samples must be >= 1, found ", samples});
  }
  // Width after pruning n channels: nearest multiple of lanes, at least one lane, never more than n.
  [[nodiscard]] index_t kept(index_t n) const {
    auto const l = static_cast<float>(lanes);
    auto const k = static_cast<index_t>(std::lround(static_cast<float>(n) * (1 - ratio) / l)) * lanes;
    return std::min(n, std::max(lanes, k));
  }

  template <class M, class D>
  auto apply(M const& m, context<D> const& c, stage_report& r) const {
    static constexpr auto& plan = nn::channel_plan_of<M>;
    auto out = nn::loosen(m);
    auto const scores = score(out, plan, c);
    std::vector<std::vector<index_t>> keep(static_cast<std::size_t>(plan.group_count));
    for (int g = 0; g < plan.group_count; ++g) {
      auto const& s = scores[static_cast<std::size_t>(g)];
      auto const n = static_cast<index_t>(s.size());
      if (plan.find(g) != g || plan.pinned(g) || n == 0 || kept(n) == n) continue;
      double const* const value = s.data();
      auto const order = ascending(s.size(), [=](index_t a, index_t b) { return value[a] > value[b]; });
      std::vector<char> stays(s.size());
      for (index_t k = 0; k < kept(n); ++k) stays[static_cast<std::size_t>(order[static_cast<std::size_t>(k)])] = true;
      for (index_t k = 0; k < n; ++k)
        if (stays[static_cast<std::size_t>(k)]) keep[static_cast<std::size_t>(g)].push_back(k);
      ++r.touched;
    }
    if (r.touched == 0) r.notes.push_back(concat({"every group is pinned or has no more than ", lanes, " channels"}));
    cut(out, plan, scores, keep);
    return out;
  }
  friend bool operator==(channels const&, channels const&) = default;

 private:
  // Per group, one score per channel.
  template <class M, class D>
  [[gnu::cold]] std::vector<std::vector<double>> score(M& m, nn::channel_plan const& plan, context<D> const& c) const {
    std::vector<tensor<float>> taylor_scores;
    if (by == importance::taylor && !c.dry) taylor_scores = taylor(m, c);
    std::vector<std::vector<double>> scores(static_cast<std::size_t>(plan.group_count));
    int site = 0;
    nn::for_each_layer(m, [&]<class L>(L& l, std::string const&) {
      if constexpr (nn::weighted<L>) {
        auto const w = taylor_scores.empty() ? l.weight.effective() : taylor_scores[static_cast<std::size_t>(site)];
        add_scores(w, scores[static_cast<std::size_t>(plan.find(plan.sites[site].out))]);
        ++site;
      }
    });
    return scores;
  }
  // Of one layer, by its weight or Taylor's sums (O,...). Out of line: else it is compiled anew for every type of layer.
  [[gnu::cold, gnu::noinline]] static void add_scores(tensor<float> const& w, std::vector<double>& group) {
    if (!group.empty() && static_cast<index_t>(group.size()) != w.rows())
      throw_error<stage_error>(
          {"prune::channels: expected layers that depend on each other to have equally many channels, found ",
           group.size(), " and ", w.rows(), "; is a residual around a flattened map?"});
    group.resize(static_cast<std::size_t>(w.rows()));
    std::vector<double> own(group.size());
    for (index_t o = 0; o < w.rows(); ++o)
      for (index_t k = 0; k < w.cols(); ++k)
        own[static_cast<std::size_t>(o)] += static_cast<double>(w(o, k)) * static_cast<double>(w(o, k));
    double const mean = std::accumulate(own.begin(), own.end(), 0.0) / static_cast<double>(own.size());
    for (std::size_t o = 0; o < own.size(); ++o) group[o] += mean > 0 ? own[o] / mean : 0;
  }
  // Per site (O, batches): sum over the filter of gradient * weight, on the factor whose rows are the outputs.
  template <class M, class D>
  [[gnu::cold]] std::vector<tensor<float>> taylor(M& m, context<D> const& c) const {
    constexpr index_t batch = 64;
    D const& set = c.training_data(name);
    index_t const count = std::min(samples, set.size()), size = std::min(batch, count), batches = count / size;
    auto const order = data::epoch_order(set.size(), c.stage_key(), 0);
    auto model = m;  // running statistics of the batch norms move
    std::vector<tensor<float>> out;
    std::vector<tensor<float>*> factors;
    nn::for_each_layer(model, [&]<class L>(L& l, std::string const&) {
      if constexpr (nn::weighted<L>) factors.push_back(&l.weight.row_factor());
    });
    for (auto const* f : factors) out.emplace_back(petra::shape(f->rows(), batches));
    tape<float> t;
    tensor<float> x(data::batch_shape(set, size));
    std::vector<data::answer<D>> answers(static_cast<std::size_t>(size * data::answers(set)));
    for (index_t b = 0; b < batches; ++b) {
      t.reset();
      var const outputs = model.forward(t, nn::batch_input(t, set, order, b * size, size, x.data(), answers.data()));
      nn::check_logits(t.shape(outputs), size, data::outputs(set), "prune::channels");
      t.backward(usual_loss<D>()(t, outputs, answers.data()));
      for (auto const& n : t.nodes()) {
        auto const at = std::find(factors.begin(), factors.end(), n.parameter);
        if (n.parameter == nullptr || at == factors.end() || n.grad == nullptr) continue;
        auto const& w = **at;
        auto& o = out[static_cast<std::size_t>(at - factors.begin())];
        for (index_t i = 0; i < w.rows(); ++i)
          for (index_t k = 0; k < w.cols(); ++k) o(i, b) += n.grad[i * w.cols() + k] * w(i, k);
      }
    }
    return out;
  }
  // Removes everything that is not kept; an empty list keeps all.
  template <class M>
  [[gnu::cold]] static void cut(M& m, nn::channel_plan const& plan, std::vector<std::vector<double>> const& scores,
                                std::vector<std::vector<index_t>> const& keep) {
    int site = 0, norm = 0;
    auto group = [&](auto const& of, int g) -> auto const& { return of[static_cast<std::size_t>(plan.find(g))]; };
    // The places of the kept channels among n: (taps or positions) x channels, channels fastest.
    auto places = [&](int g, index_t n) {
      auto const width = static_cast<index_t>(group(scores, g).size());
      std::vector<index_t> at;
      for (index_t first = 0; first < n; first += width)
        for (index_t const ch : group(keep, g)) at.push_back(first + ch);
      return at;
    };
    nn::for_each_layer(
        m, [&]<class L>(L & l, std::string const&) __attribute__((cold)) {
          if constexpr (nn::weighted<L>) {
            auto const at = plan.sites[site++];
            if (!group(keep, at.in).empty() && !at.depthwise)
              l.weight = l.weight.keep_cols(places(at.in, l.weight.effective().cols()));
            if (auto const& rows = group(keep, at.out); !rows.empty()) {
              l.weight = l.weight.keep_rows(rows);
              l.bias = keep_cols(l.bias, rows);
            }
          } else if constexpr (nn::per_channel_state<L>) {
            int const g = plan.norms[norm++];
            if (!group(keep, g).empty()) l.keep(places(g, l.gamma.size()));
          }
        });
  }
};

static_assert(stage<channels>);

}  // namespace petra::prune
