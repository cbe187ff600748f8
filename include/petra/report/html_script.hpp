// The script of front.html: draws both charts at the width they are given (so that text keeps its size) and shows the
// facts of a model on hover, tap and focus. Plain JavaScript, no library; it reads the JSON in #data and writes text
// only through textContent, so that nothing in a pipeline is ever markup.
#pragma once
#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI::report {

inline constexpr char html_script[] = R"js(
"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const tip = document.getElementById("tip");
const byId = new Map(data.points.map(p => [p.id, p]));
const order = { other: 0, front: 1, baseline: 2, chosen: 3 };
const svgNode = (name, attributes = {}, parent = null) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (parent) parent.append(node);
  return node;
};
const htmlNode = (name, text = "", className = "") => {
  const node = document.createElement(name);
  node.textContent = text;
  if (className) node.className = className;
  return node;
};

// The mark of a kind around the origin: shape as well as color tells the kinds apart.
const mark = (kind, parent) => {
  if (kind === "baseline") return svgNode("rect", { class: "shape", x: -5, y: -5, width: 10, height: 10 }, parent);
  if (kind === "chosen") return svgNode("path", { class: "shape", d: "M0-8.5 8.5 0 0 8.5-8.5 0z" }, parent);
  return svgNode("circle", { class: "shape", r: kind === "front" ? 5 : 3.6 }, parent);
};
const icon = kind => {
  const svg = svgNode("svg", { class: kind, viewBox: "-8 -8 16 16", "aria-hidden": "true" });
  mark(kind, svg);
  return svg;
};
for (const place of document.querySelectorAll("[data-icon]")) place.prepend(icon(place.dataset.icon));

// 1, 2 or 5 times a power of ten, at most `most` of them.
const linearTicks = (lo, hi, most) => {
  const raw = (hi - lo) / most, power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find(k => k * power >= raw * 0.999);
  const ticks = [];
  for (let i = Math.ceil(lo / step - 1e-9); i * step <= hi + step * 1e-9; ++i) ticks.push(i * step);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return ticks.map(v => ({ v, text: v.toFixed(decimals) }));
};
const logTicks = (lo, hi, most) => {
  for (const factors of [[1, 2, 5], [1, 3], [1]]) {
    const ticks = [];
    for (let e = Math.floor(Math.log10(lo)); e <= Math.log10(hi); ++e)
      for (const f of factors) if (f * 10 ** e >= lo && f * 10 ** e <= hi) ticks.push(f * 10 ** e);
    if (ticks.length <= most || factors.length === 1)
      return ticks.filter((_, i) => i % Math.ceil(ticks.length / most) === 0)
        .map(v => ({ v, text: String(Number(v.toPrecision(2))) }));
  }
};

const charts = data.charts.map((chart, index) => ({
  ...chart, index, box: document.getElementById("plot-" + chart.id), nodes: new Map(), places: [],
}));

const draw = chart => {
  const { box, index } = chart;
  const points = data.points.filter(p => p.x[index] !== null).sort((a, b) => order[a.kind] - order[b.kind]);
  const focused = box.contains(document.activeElement) ? document.activeElement.dataset.id : null;
  box.replaceChildren();
  chart.nodes.clear();
  chart.places = [];
  if (!points.length) return box.append(htmlNode("p", "No model has a value to draw.", "soft"));

  const width = box.clientWidth, height = Math.round(Math.min(400, Math.max(270, width * 0.66)));
  const left = 46, right = width - 12, top = 30, bottom = height - 46;
  const svg = svgNode("svg", { viewBox: `0 0 ${width} ${height}`, height, role: "group",
                               "aria-label": chart.describe }, box);

  const xs = points.map(p => p.x[index]), min = Math.min(...xs), max = Math.max(...xs), log = max > 10 * min;
  const pad = log ? (max / min) ** 0.05 : (max - min || max || 1) * 0.06;
  const [x0, x1] = log ? [min / pad, max * pad] : [Math.max(0, min - pad), max + pad];
  const [y0, y1] = data.range;  // what lies beyond is drawn at the edge, as a triangle
  const x = v => left + (right - left) * (log ? Math.log(v / x0) / Math.log(x1 / x0) : (v - x0) / (x1 - x0));
  const y = v => bottom - (bottom - top) * (v - y0) / (y1 - y0);

  for (const t of linearTicks(y0, y1, 5)) {
    svgNode("line", { class: "grid", x1: left, x2: right, y1: y(t.v), y2: y(t.v) }, svg);
    svgNode("text", { x: left - 8, y: y(t.v) + 4, "text-anchor": "end", class: "tick" }, svg).textContent = t.text;
  }
  for (const t of (log ? logTicks : linearTicks)(x0, x1, Math.max(3, Math.floor(width / 58)))) {
    svgNode("line", { class: "grid", x1: x(t.v), x2: x(t.v), y1: top, y2: bottom }, svg);
    svgNode("text", { x: x(t.v), y: bottom + 18, "text-anchor": "middle", class: "tick" }, svg).textContent = t.text;
  }
  svgNode("line", { class: "axis", x1: left, x2: right, y1: bottom, y2: bottom }, svg);
  svgNode("text", { x: left - 38, y: 14, class: "label y" }, svg).textContent = data.quality +
    (points.some(p => p.y < y0) ? " (\u25be below this range)" : "");
  svgNode("text", { x: right, y: height - 8, "text-anchor": "end", class: "label x" }, svg).textContent =
    chart.label + (log ? ", log scale" : "");

  const base = points.find(p => p.kind === "baseline");
  if (base) {
    svgNode("line", { class: "guide", x1: left, x2: right, y1: y(base.y), y2: y(base.y) }, svg);
    svgNode("line", { class: "guide", x1: x(base.x[index]), x2: x(base.x[index]), y1: top, y2: bottom }, svg);
  }

  // The best quality reached at no more than x: a staircase over the members of the front.
  const better = (a, b) => data.higher ? a > b : a < b;
  let path = "", best = null;
  const inView = v => Math.min(Math.max(y(v), top), bottom);
  for (const p of points.filter(q => q.kind === "front" || q.kind === "chosen" || q.member)
         .sort((a, b) => a.x[index] - b.x[index] || (better(a.y, b.y) ? -1 : 1))) {
    if (best !== null && !better(p.y, best)) continue;
    path += path ? `H${x(p.x[index])}V${inView(p.y)}` : `M${x(p.x[index])} ${inView(p.y)}`;
    best = p.y;
  }
  if (path) svgNode("path", { class: "front-line", d: path }, svg);

  for (const p of points) {
    const below = p.y < y0, beyond = below || p.y > y1;
    const px = x(p.x[index]), py = below ? bottom - 6 : beyond ? top + 6 : y(p.y);
    const g = svgNode("g", { class: "point " + p.kind, "data-id": p.id, tabindex: -1, role: "img",
                             "aria-label": p.spoken, transform: `translate(${px} ${py})` }, svg);
    svgNode("circle", { class: "halo", r: 10.5 }, g);
    if (beyond) svgNode("path", { class: "shape edge", d: below ? "M-5.5-4h11L0 5z" : "M-5.5 4h11L0-5z" }, g);
    else mark(p.kind, g);
    g.addEventListener("focus", () => { if (g.matches(":focus-visible")) show(p.id, chart, true); });
    chart.nodes.set(p.id, g);
    chart.places.push({ id: p.id, px, py, kind: p.kind });
  }
  const taken = [];
  for (const place of [...chart.places].reverse().filter(p => p.kind === "chosen" || p.kind === "baseline")) {
    const toLeft = place.px > (left + right) / 2;
    let ty = place.py + (place.kind === "baseline" ? -10 : 20);
    if (ty < top - 2 || taken.some(t => Math.abs(t - ty) < 14)) ty = place.py + 20;
    taken.push(ty);
    svgNode("text", { x: place.px + (toLeft ? -9 : 9), y: ty, "text-anchor": toLeft ? "end" : "start",
                      class: "mark " + place.kind, "aria-hidden": "true" }, svg).textContent = place.kind;
  }
  chart.places.sort((a, b) => a.px - b.px || a.py - b.py);
  const entry = chart.nodes.get(focused === null ? undefined : Number(focused)) ||
    chart.nodes.get((chart.places.find(p => p.kind === "chosen") || chart.places.find(p => p.kind === "baseline") ||
                     chart.places[0]).id);
  entry.setAttribute("tabindex", 0);
  if (focused !== null) entry.focus({ preventScroll: true });

  const nearest = (event, reach) => {
    const frame = svg.getBoundingClientRect(), mx = event.clientX - frame.left, my = event.clientY - frame.top;
    let found = null, least = reach;
    for (const p of chart.places) {
      const d = Math.hypot(p.px - mx, p.py - my) - 2 * order[p.kind];  // where marks overlap, the upper one is meant
      if (d < least) [found, least] = [p.id, d];
    }
    return found;
  };
  svg.addEventListener("pointermove", event => {
    if (event.pointerType === "touch") return;
    const id = nearest(event, 22);
    if (id !== null) show(id, chart, false);
    else if (!pinned) hide();
  });
  svg.addEventListener("pointerleave", event => { if (event.pointerType !== "touch" && !pinned) hide(); });
  svg.addEventListener("click", event => {
    event.stopPropagation();
    const id = nearest(event, 30);
    if (id === null) hide();
    else show(id, chart, true);
  });
  svg.addEventListener("keydown", event => {
    const now = chart.places.findIndex(p => p.id === Number(event.target.dataset.id)), last = chart.places.length - 1;
    const to = { ArrowRight: now + 1, ArrowUp: now + 1, ArrowLeft: now - 1, ArrowDown: now - 1,
                 Home: 0, End: last }[event.key];
    if (now < 0 || to === undefined) return;
    event.preventDefault();
    event.target.setAttribute("tabindex", -1);
    const next = chart.nodes.get(chart.places[Math.min(Math.max(to, 0), last)].id);
    next.setAttribute("tabindex", 0);
    next.focus();
  });
};

let pinned = false, shown = null;
const highlight = id => {
  for (const node of document.querySelectorAll(".point.active, tr.active")) node.classList.remove("active");
  if (id === null) return;
  for (const chart of charts) chart.nodes.get(id)?.classList.add("active");
  document.querySelector(`tr[data-id="${id}"]`)?.classList.add("active");
};
const hide = () => {
  pinned = false;
  shown = null;
  tip.hidden = true;
  highlight(null);
};
const show = (id, chart, pin) => {
  const now = chart.id + id;
  pinned = pin || (pinned && shown === now);
  if (shown === now) return;
  shown = now;
  const p = byId.get(id);
  const title = htmlNode("b", p.title);
  title.prepend(icon(p.kind));
  const list = htmlNode("dl");
  for (const [name, value, change, good] of p.facts)
    list.append(htmlNode("dt", name), htmlNode("dd", value),
                htmlNode("dd", change, good > 0 ? "better" : good < 0 ? "worse" : "soft"));
  const code = htmlNode("code");
  p.pipeline.split(" | ").forEach((stage, i) => code.append(htmlNode("span", (i ? " | " : "") + stage)));
  tip.replaceChildren(title, code, list);
  if (p.note) tip.append(htmlNode("p", p.note));
  tip.hidden = false;
  highlight(id);

  // Below the point if it fits, else above, else where the window ends; never outside the page at either side.
  const at = chart.nodes.get(id).querySelector(".shape").getBoundingClientRect(), size = tip.getBoundingClientRect();
  const page = document.documentElement, gap = 12;
  let ty = at.bottom + gap;
  if (ty + size.height > page.clientHeight - 4 && at.top - gap - size.height >= 4) ty = at.top - gap - size.height;
  const tx = Math.min(Math.max(8, at.left + at.width / 2 - size.width / 2), page.clientWidth - size.width - 8);
  tip.style.transform = `translate(${Math.round(tx + window.scrollX)}px, ${Math.round(ty + window.scrollY)}px)`;
};
document.addEventListener("click", hide);
document.addEventListener("keydown", event => { if (event.key === "Escape") hide(); });
for (const row of document.querySelectorAll("tbody tr[data-id]")) {
  row.addEventListener("pointerenter", () => { if (!pinned) highlight(Number(row.dataset.id)); });
  row.addEventListener("pointerleave", () => { if (!pinned) highlight(null); });
}

for (const chart of charts) {
  let drawn = -1;
  const redraw = () => {
    if (chart.box.clientWidth === drawn) return;
    drawn = chart.box.clientWidth;
    hide();
    draw(chart);
  };
  chart.box.addEventListener("focusout", hide);  // on the box: a focus listener would make the svg itself a tab stop
  redraw();
  new ResizeObserver(redraw).observe(chart.box);
}
})();
)js";

}  // namespace petra::inline PETRA_ABI::report
