// Structured pruning: whole channels are removed, together with everything that depends on them (channel groups from
// nn/channel_plan.hpp), so the model really is smaller. Changes shapes; the layers' unpinned extents become dyn.
// Channels of a recurrent layer are its units: a unit goes with its rows of all gates, its column over the state, and from
// both directions.
//
// Importance of a channel, summed over the weights of its group after scaling each weight's scores to mean 1:
//   magnitude: squared L2 norm of its filter (Li et al., "Pruning Filters for Efficient ConvNets", ICLR 2017)
//   taylor:    (sum over the filter of gradient * weight)^2, summed over batches (Molchanov et al., "Importance Estimation for
//              Neural Network Pruning", CVPR 2019, eq. 8)
// The filter of a unit: its rows of all gates and directions.
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
    auto const scores = score(out, plan, c, r);
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
    if (r.touched == 0)
      r.notes.insert(r.notes.begin(),
                     concat({"every group is pinned, or that ratio of it is no multiple of ", lanes, " channels"}));
    cut(out, plan, scores, keep);
    return out;
  }
  friend bool operator==(channels const&, channels const&) = default;

 private:
  // Per group that is not pinned, one score per channel. Notes whose channels stay.
  template <class M, class D>
  [[gnu::cold]] std::vector<std::vector<double>> score(M& m, nn::channel_plan const& plan, context<D> const& c,
                                                       stage_report& r) const {
    std::vector<tensor<float>> taylor_scores;
    if (by == importance::taylor && !c.dry) taylor_scores = taylor(m, plan, c);
    std::vector<std::vector<double>> scores(static_cast<std::size_t>(plan.group_count));
    int site = 0;
    std::string const* place = nullptr;
    std::vector<std::string> pinned;
    auto const add = [&](auto& weight, tensor<float> const&) __attribute__((cold)) {
      auto const i = static_cast<std::size_t>(site++);
      auto const& at = plan.sites[i];
      if (plan.pinned(at.out)) return add_pinned(*place, pinned);
      bool const by_weight = taylor_scores.empty();
      add_scores(by_weight ? weight.effective() : taylor_scores[i], by_weight ? at.rows : 1,
                 scores[static_cast<std::size_t>(plan.find(at.out))]);
    };
    nn::for_each_layer(
        m, [&](auto& l, std::string const& path) __attribute__((cold)) {
          place = &path;
          nn::for_each_weight(l, add);
        });
    std::string names;
    for (auto const& p : pinned) append(names, {names.empty() ? "" : ", ", p});
    if (!pinned.empty())
      r.notes.push_back(
          concat({"left as they are, as the model's output or a layer behind needs all channels: ", names}));
    return scores;
  }
  // Once for a layer of several weights.
  [[gnu::cold, gnu::noinline]] static void add_pinned(std::string const& place, std::vector<std::string>& pinned) {
    if (pinned.empty() || pinned.back() != place) pinned.push_back(place);
  }
  // Of one weight, by its rows, `each` of them a channel (each, O, K), or by Taylor's sums (O, batches). Out of line: else it
  // is compiled anew for every type of weight.
  [[gnu::cold, gnu::noinline]] static void add_scores(tensor<float> const& w, int each, std::vector<double>& group) {
    index_t const channels = w.rows() / each;
    if (!group.empty() && static_cast<index_t>(group.size()) != channels)
      throw_error<stage_error>(
          {"prune::channels: expected layers that depend on each other to have equally many channels, found ",
           group.size(), " and ", channels, "; is a residual around a flattened map?"});
    group.resize(static_cast<std::size_t>(channels));
    std::vector<double> own(group.size());
    for (index_t o = 0; o < w.rows(); ++o)
      for (index_t k = 0; k < w.cols(); ++k)
        own[static_cast<std::size_t>(o % channels)] += static_cast<double>(w(o, k)) * static_cast<double>(w(o, k));
    double const mean = std::accumulate(own.begin(), own.end(), 0.0) / static_cast<double>(own.size());
    for (std::size_t o = 0; o < own.size(); ++o) group[o] += mean > 0 ? own[o] / mean : 0;
  }
  // Per site (O, batches): sum over the filter of gradient * weight, on the factor whose rows are the outputs.
  template <class M, class D>
  [[gnu::cold]] std::vector<tensor<float>> taylor(M& m, nn::channel_plan const& plan, context<D> const& c) const {
    constexpr index_t batch = 64;
    D const& set = c.training_data(name);
    index_t const count = std::min(samples, set.size()), size = std::min(batch, count), batches = count / size;
    auto const order = data::epoch_order(set.size(), c.stage_key(), 0);
    auto model = m;  // running statistics of the batch norms move
    std::vector<tensor<float>> out;
    std::vector<tensor<float> const*> factors;
    auto const add = [&](auto& weight, tensor<float> const&) {
      auto const& f = weight.row_factor();
      factors.push_back(&f);
      out.emplace_back(petra::shape(f.rows() / plan.sites[out.size()].rows, batches));
    };
    nn::for_each_layer(
        model, [&](auto& l, std::string const&) __attribute__((cold)) { nn::for_each_weight(l, add); });
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
          for (index_t k = 0; k < w.cols(); ++k) o(i % o.rows(), b) += n.grad[i * w.cols() + k] * w(i, k);
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
    // The places of the kept channels among n: (taps, positions, gates or directions) x channels, channels fastest.
    auto places = [&](int g, index_t n) {
      auto const width = static_cast<index_t>(group(scores, g).size());
      std::vector<index_t> at;
      for (index_t first = 0; first < n; first += width)
        for (index_t const ch : group(keep, g)) at.push_back(first + ch);
      return at;
    };
    auto const cut_one = [&](auto& weight, tensor<float>& bias) __attribute__((cold)) {
      auto const& at = plan.sites[site++];
      bool const fewer_rows = !group(keep, at.out).empty(), fewer_cols = !group(keep, at.in).empty() && !at.depthwise;
      if (!fewer_rows && !fewer_cols) return;
      auto const w = weight.effective();
      if (fewer_cols) weight = weight.keep_cols(places(at.in, w.cols()));
      if (!fewer_rows) return;
      auto const rows = places(at.out, w.rows());
      weight = weight.keep_rows(rows);
      bias = keep_cols(bias, rows);
    };
    nn::for_each_layer(
        m, [&]<class L>(L & l, std::string const&) __attribute__((cold)) {
          if constexpr (nn::per_channel_state<L>) {
            int const g = plan.norms[norm++];
            if (!group(keep, g).empty()) l.keep(places(g, l.gamma.size()));
          } else {
            nn::for_each_weight(l, cut_one);
          }
        });
  }
};

static_assert(stage<channels>);

}  // namespace petra::prune
