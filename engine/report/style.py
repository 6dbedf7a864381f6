"""How the page looks: light and dark by the reader's system, on a screen and on paper."""

from __future__ import annotations

CSS = """
:root {
  color-scheme: light dark;
  --ground: #f4f5f3; --card: #ffffff; --line: #dfe3e1; --ink: #16211f; --quiet: #5a6764;
  --accent: #0b6f78; --wrong: #b4400f; --wrong-tint: #fdece4;
  --match: #12784a; --ambiguous: #9a6200; --unknown: #5c6980; --empty: #eceeec;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101716; --card: #18211f; --line: #2c3836; --ink: #e8eeec; --quiet: #9fadaa;
    --accent: #4fc4b9; --wrong: #ff9468; --wrong-tint: #38231a;
    --match: #4cc38a; --ambiguous: #e0a63f; --unknown: #9aa8c2; --empty: #222c2a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", sans-serif;
  font-variant-numeric: tabular-nums;
}
main { max-width: 1120px; margin: 0 auto; padding: 40px 24px 64px; }
header { border-bottom: 1px solid var(--line); padding-bottom: 24px; }
.eyebrow { margin: 0; color: var(--accent); font-weight: 600; font-size: 14px; }
h1 { margin: 2px 0 10px; font-size: 34px; line-height: 1.2; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { margin: 48px 0 4px; font-size: 22px; line-height: 1.3; }
h3 { margin: 0; font-size: 16px; }
p { margin: 0; }
.lead { font-size: 18px; max-width: 70ch; text-wrap: pretty; }
.facts { margin-top: 14px; color: var(--quiet); font-size: 14px; display: flex; flex-wrap: wrap; gap: 2px 20px; }
.note { color: var(--quiet); font-size: 14px; max-width: 78ch; margin-bottom: 16px; text-wrap: pretty; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(205px, 1fr)); gap: 14px; margin-top: 28px; }
.figure { padding: 16px 18px; display: flex; flex-direction: column; }
.figure .name { color: var(--quiet); font-size: 14px; }
.figure .value { font-size: 32px; font-weight: 650; line-height: 1.25; letter-spacing: -0.01em; }
.figure .value.none { color: var(--quiet); font-weight: 400; }
.figure .more { color: var(--quiet); font-size: 13px; line-height: 1.4; }
.verdicts { margin-top: 14px; padding: 16px 18px; }
.bar { display: flex; gap: 2px; height: 14px; border-radius: 7px; overflow: hidden; margin: 10px 0; }
.bar i { display: block; min-width: 3px; }
.keys { display: flex; flex-wrap: wrap; gap: 4px 22px; font-size: 14px; }
.keys b { font-weight: 650; }
.swatch { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 7px; }
.match { background: var(--match); } .ambiguous { background: var(--ambiguous); }
.unknown { background: var(--unknown); } .unreadable { background: var(--wrong); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(440px, 100%), 1fr)); gap: 14px; }
.chart { padding: 18px 20px 14px; }
.chart p { color: var(--quiet); font-size: 14px; text-wrap: pretty; }
svg { display: block; width: 100%; height: auto; }
.chart svg { margin-top: 10px; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--quiet); }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .axis { stroke: var(--quiet); stroke-width: 1; }
svg .guide { stroke: var(--quiet); stroke-width: 1; stroke-dasharray: 4 4; fill: none; }
svg .curve { stroke: var(--accent); stroke-width: 2.25; fill: none; stroke-linejoin: round; }
svg .under { fill: var(--accent); opacity: 0.12; }
svg .dot { fill: var(--accent); stroke: var(--card); stroke-width: 1.5; }
svg .diamond { fill: var(--card); stroke: var(--ambiguous); stroke-width: 2; }
svg .first { stroke: var(--accent); stroke-width: 2; fill: none; opacity: 0.5; }
svg .known { stroke: var(--ambiguous); stroke-width: 2; fill: none; opacity: 0.4; }
.chart .keys { margin-top: 8px; color: var(--ink); }
.chart .keys svg { display: inline-block; width: 15px; margin: 0 7px -2px 0; }
svg .track { fill: var(--empty); }
svg .reach { stroke: var(--accent); stroke-width: 2; opacity: 0.55; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 15px; }
th { text-align: right; font-weight: 600; font-size: 13px; color: var(--quiet); padding: 12px 18px 8px; }
td { text-align: right; padding: 9px 18px; border-top: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; white-space: normal; overflow-wrap: break-word; min-width: 104px; }
.range { text-align: left; width: 34%; min-width: 190px; }
.cases { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(500px, 100%), 1fr)); gap: 14px; }
.case { padding: 16px 18px 18px; break-inside: avoid; }
.case header { border: 0; padding: 0; display: flex; gap: 6px 12px; align-items: baseline; flex-wrap: wrap; }
.case header p { color: var(--quiet); font-size: 14px; }
.badge { background: var(--wrong-tint); color: var(--wrong); border-radius: 99px; padding: 1px 10px; font-size: 13px;
  font-weight: 600; }
.pictures { display: grid; grid-template-columns: repeat(3, 1fr); gap: 10px; margin-top: 12px; }
figure { margin: 0; min-width: 0; }
figure .frame { aspect-ratio: 1; border-radius: 10px; overflow: hidden; background: var(--empty); display: grid;
  place-items: center; border: 1px solid var(--line); }
figure img { width: 100%; height: 100%; object-fit: contain; display: block; }
figure .frame span { color: var(--quiet); font-size: 13px; padding: 12px; text-align: center; }
figcaption { font-size: 13px; line-height: 1.4; margin-top: 7px; overflow-wrap: anywhere; }
figcaption b { display: block; font-weight: 600; }
figcaption .role { color: var(--quiet); display: block; }
.wrong .frame { border: 2px solid var(--wrong); } .wrong .role { color: var(--wrong); font-weight: 600; }
.right .frame { border: 2px dashed var(--match); } .right .role { color: var(--match); font-weight: 600; }
.good { padding: 22px; color: var(--quiet); }
footer { margin-top: 48px; padding-top: 18px; border-top: 1px solid var(--line); color: var(--quiet); font-size: 13px; }
footer dl { margin: 0; display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; max-width: 92ch; }
footer dt { font-weight: 600; color: var(--ink); } footer dd { margin: 0; text-wrap: pretty; }
@media (max-width: 560px) {
  main { padding: 24px 14px 40px; } h1 { font-size: 27px; }
  th, td { padding-left: 9px; padding-right: 9px; } .range { min-width: 110px; }
  footer dl { grid-template-columns: 1fr; } footer dd { margin-bottom: 8px; }
}
@media print {
  :root { --ground: #fff; } main { padding: 0; max-width: none; } .card, .case { break-inside: avoid; }
}
"""
