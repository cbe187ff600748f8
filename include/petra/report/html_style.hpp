// The style sheet of front.html. One accent for the front, one for the chosen model, gray for the rest; no text below
// 12 px.
//
// Below 1000 px the table becomes one card a model, so that the page never scrolls sideways.
#pragma once
#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI::report {

inline constexpr char html_style[] = R"css(
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f6f7f9; --ink: #14181f; --soft: #58616e; --line: #dfe3e8; --grid: #eceff2;
  --front: #0b6fa4; --chosen: #d9480f; --other: #b4bbc5; --better: #17713a; --worse: #a8331f;
  --shade: 0 1px 2px rgb(20 24 31 / 8%), 0 8px 28px rgb(20 24 31 / 14%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #101318; --panel: #181c23; --ink: #e9ecf0; --soft: #9ba5b3; --line: #2d343e; --grid: #222831;
    --front: #52b6e8; --chosen: #ff8a50; --other: #545e6c; --better: #62c98a; --worse: #f0907c;
    --shade: 0 1px 2px rgb(0 0 0 / 50%), 0 10px 30px rgb(0 0 0 / 55%);
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 1180px; padding: 28px 24px 48px; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums;
}
h1 { margin: 0; font-size: 27px; line-height: 1.2; letter-spacing: -0.015em; text-wrap: balance; }
h2 { margin: 0; font-size: 16px; line-height: 1.3; letter-spacing: -0.005em; }
p { margin: 0; }
.soft, small { color: var(--soft); }
small { font-size: 12.5px; }
code { font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  overflow-wrap: anywhere; }
.recipe code, td code, li code { display: block; }
code span { display: inline-block; padding-left: 2ch; text-indent: -2ch; }
.better { color: var(--better); }
.worse { color: var(--worse); }
header p { margin-top: 6px; }
section, footer { margin-top: 30px; }

.tiles { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 1px; margin-top: 22px;
  background: var(--line);  border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.tiles > div { background: var(--page); padding: 14px 18px 15px; }
.tiles dt { color: var(--soft); font-size: 13px; }
.tiles dd { margin: 0; }
.tiles .big { font-size: 25px; line-height: 1.3; font-weight: 620; letter-spacing: -0.02em; white-space: nowrap; }
.recipe { margin: 14px 0 0; padding: 12px 16px; background: var(--panel); border-left: 3px solid var(--chosen);
  border-radius: 0 8px 8px 0; }

.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 0; padding: 0; list-style: none; font-size: 13.5px; }
.legend li { display: flex; align-items: center; gap: 7px; }
.legend svg { width: 16px; height: 16px; overflow: visible; }
.charts { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 34px; margin-top: 18px; }
figure { margin: 0; min-width: 0; }
.plot { position: relative; margin-top: 6px; }
.plot svg { display: block; width: 100%; overflow: visible; touch-action: pan-y pinch-zoom; cursor: crosshair; }
.plot text { fill: var(--soft); font-size: 12px; }
.plot text.mark { fill: var(--ink); font-weight: 600; paint-order: stroke; stroke: var(--page); stroke-width: 4px;
  stroke-linejoin: round; }
.plot text.mark.chosen { fill: var(--chosen); }
.plot .grid { stroke: var(--grid); }
.plot .axis { stroke: var(--other); }
.plot .guide { stroke: var(--soft); stroke-dasharray: 2 4; opacity: 0.7; }
.plot .front-line { fill: none; stroke: var(--front); stroke-width: 1.75; stroke-linejoin: round; opacity: 0.55; }
.point { outline: none; }
.point .shape { stroke: var(--page); stroke-width: 1.25; transition: transform 90ms; }
.point .halo { fill: none; stroke: none; stroke-width: 2; }
.other .shape { fill: var(--other); }
.front .shape { fill: var(--front); }
.chosen .shape { fill: var(--chosen); }
.baseline .shape { fill: var(--ink); }
.point.active .shape { transform: scale(1.35); }
.point.active .halo, .point:focus-visible .halo { stroke: var(--ink); }
@media (prefers-reduced-motion: reduce) { .point .shape { transition: none; } }

#tip { position: absolute; z-index: 9; left: 0; top: 0; width: max-content; max-width: min(380px, calc(100vw - 16px));
  padding: 12px 14px; background: var(--page); border: 1px solid var(--line); border-radius: 9px;
  box-shadow: var(--shade); font-size: 13.5px; pointer-events: none; }
#tip[hidden] { display: none; }
#tip b { display: flex; align-items: center; gap: 7px; }
#tip b svg { width: 14px; height: 14px; overflow: visible; flex: none; }
#tip code { display: block; margin: 5px 0 8px; font-size: 12.5px; line-height: 1.45;
  max-height: 22em; overflow: hidden; }
#tip code span { display: block; }
#tip code span + span { padding-left: 4ch; }
#tip dl { display: grid; grid-template-columns: 1fr auto auto; gap: 1px 14px; margin: 0; }
#tip dt { color: var(--soft); }
#tip dd { margin: 0; text-align: right; white-space: nowrap; }
#tip p { margin-top: 7px; color: var(--worse); }

.scroll { overflow-x: auto; margin-top: 12px; }
table { width: 100%; border-collapse: collapse; font-size: 14px; }
th { color: var(--soft); font-weight: 500; font-size: 13px; text-align: right; vertical-align: bottom;
  padding: 0 0 7px 18px; }
td { text-align: right; vertical-align: top; padding: 9px 0 9px 18px; border-top: 1px solid var(--line);
  white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 8px; white-space: normal; min-width: 300px; }
td:last-child, th:last-child { padding-right: 8px; }
td small { display: block; }
td .name { display: flex; align-items: center; gap: 7px; font-weight: 600; }
td .name svg { width: 14px; height: 14px; overflow: visible; flex: none; }
td .name small { display: inline; font-weight: 400; }
tbody tr.active td { background: var(--panel); }
tr.chosen .name { color: var(--chosen); }

details { border-top: 1px solid var(--line); padding: 10px 0; }
details:last-of-type { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; font-weight: 600; }
summary:focus-visible { outline: 2px solid var(--front); outline-offset: 3px; border-radius: 3px; }
details ul { margin: 10px 0 4px; padding-left: 20px; }
details li { margin: 6px 0; }
details li p { overflow-wrap: anywhere; }
.run { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 3px 18px; margin: 10px 0 4px;
  font-size: 14px; }
.run dt { color: var(--soft); }
.run dd { margin: 0; overflow-wrap: anywhere; }

@media (max-width: 900px) { .charts { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 760px) {
  body { padding: 18px 14px 36px; }
  h1 { font-size: 22px; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .tiles > div { padding: 10px 13px 12px; }
  .tiles .big { font-size: 21px; }
}
@media (max-width: 1000px) {
  table, tbody { display: block; }
  thead { display: none; }
  tr { display: grid; grid-template-columns: repeat(auto-fill, minmax(96px, 1fr)); gap: 8px 12px; padding: 12px 4px;
    border-top: 1px solid var(--line); }
  td, td:first-child { display: block; padding: 0; border: 0; text-align: left; white-space: normal; min-width: 0; }
  td:first-child { grid-column: 1 / -1; }
  td[data-label]::before { content: attr(data-label); display: block; color: var(--soft); font-size: 12px; }
  tbody tr.active { background: var(--panel); }
}
)css";

}  // namespace petra::inline PETRA_ABI::report
