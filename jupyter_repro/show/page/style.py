"""The style sheet of the page: light and dark, and black on white on paper."""

from __future__ import annotations

STYLE = """\
:root {
  color-scheme: light dark;
  --text: #1b1b1f; --page: #ffffff; --line: #c9c9d0; --soft: #f3f3f6; --faint: #55555f;
  --good: #1b6e2c; --near: #855300; --bad: #b3261e; --unknown: #55555f;
  --tolerance: #1b6e2c33; --seeds: #3a5fcd26;
  --jp-success-color1: var(--good); --jp-warn-color1: var(--near); --jp-error-color1: var(--bad);
  --jp-border-color1: var(--line); --jp-ui-font-size1: 14px;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6e6ea; --page: #17171a; --line: #46464f; --soft: #222227; --faint: #a9a9b4;
    --good: #7ccf8c; --near: #e3b25f; --bad: #f2958e; --unknown: #a9a9b4;
    --tolerance: #7ccf8c33; --seeds: #8fa8ff26;
  }
}
body { margin: 0; background: var(--page); color: var(--text);
  font: 14px/1.5 system-ui, sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.2rem; margin: 2rem 0 0.25rem; border-top: 1px solid var(--line);
  padding-top: 1rem; overflow-wrap: anywhere; }
h3, h4 { font-size: 1rem; margin: 1.25rem 0 0.25rem; }
a { color: inherit; }
p { margin: 0.25rem 0; }
.when, .legend { color: var(--faint); }
table { border-collapse: collapse; width: 100%; margin: 0.25rem 0 0.5rem; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.75rem 0.3rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; font-weight: normal; }
thead th { color: var(--faint); }
tbody th { font-weight: 600; }
tr.why td { border-bottom: 1px solid var(--line); }
tr:has(+ tr.why) > * { border-bottom: 0; }
code, pre { font: 12px/1.45 ui-monospace, monospace; }
pre { background: var(--soft); padding: 0.4rem; margin: 0.25rem 0; overflow: auto;
  white-space: pre-wrap; max-height: 16rem; }
.both { display: grid; grid-template-columns: 1fr 1fr; gap: 0.5rem; }
.verdict { font-size: 1.1rem; font-weight: 600; }
.status { white-space: nowrap; font-weight: 600; color: var(--unknown); }
.status.good { color: var(--good); }
.status.near { color: var(--near); }
.status.bad { color: var(--bad); }
.chart { max-width: 100%; background: var(--soft); }
.chart .tolerance, .key.tolerance { fill: var(--tolerance); background: var(--tolerance); }
.chart .seeds, .key.seeds { fill: var(--seeds); background: var(--seeds); }
.chart .reference { stroke: var(--faint); stroke-dasharray: 4 3; }
.chart .values { fill: none; stroke: var(--text); stroke-width: 1.5; }
.chart circle { fill: var(--text); }
.key { display: inline-block; width: 1.2rem; height: 0.7rem; border: 1px solid var(--line);
  margin-left: 0.75rem; }
.key.line { height: 0; border: 0; border-top: 1px dashed var(--faint); vertical-align: middle; }
img { max-width: 100%; border: 1px solid var(--line); }
summary { cursor: pointer; }
@media print {
  :root { color-scheme: light; --text: #000; --page: #fff; --soft: #fff; --faint: #333;
    --good: #000; --near: #000; --bad: #000; --unknown: #000; }
  main { max-width: none; padding: 0; }
  article { break-before: page; }
  article:first-of-type { break-before: auto; }
  tr, svg, li { break-inside: avoid; }
  pre { max-height: none; border: 1px solid #999; }
  details > summary { list-style: none; }
}
"""
