// Draws a figure's table as a chart; the table stays for those who read it.
// The first column holds days (<time datetime>), the others numbers; data-kind: line, plain (a line among
// several, each dashed its own way) or bar. data-unit stands behind each number.
// With data-zone it holds hours, as instants, which are written as they are in that time zone.
const HEIGHT = 220;
const HOUR = 3600;
const DAY = 24 * HOUR;
const HOURS = [1, 2, 3, 6, 12].map((hours) => hours * HOUR);
const STEPS = [1, 2, 7, 14, 30, 61, 91, 182].map((days) => days * DAY);
const drawn = new WeakMap();

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function columns(table, zone) {
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies[0].rows];
  return heads.map((head, place) => ({
    label: head.textContent.trim(),
    kind: head.dataset.kind,
    tone: head.dataset.tone ?? "accent",
    values: rows.map((row) => value(row.cells[place], place === 0, zone)),
  }));
}

function value(cell, isTime, zone) {
  if (isTime && zone) return Date.parse(cell.querySelector("time").dateTime) / 1000;
  if (isTime) return Date.parse(`${cell.querySelector("time").dateTime.slice(0, 10)}T00:00:00`) / 1000;
  const text = cell.dataset.value ?? cell.textContent.replace(/[^\d.-]/g, "");
  return text === "" ? null : Number(text);
}

const DASHES = [[], [9, 4], [2, 3], [12, 3, 2, 3], [5, 5]];

function series({ label, kind, tone, values }, place, unit) {
  const stroke = token(`--${tone}`);
  const isAlone = values.filter((one) => one !== null).length === 1; // no line goes anywhere from there
  const value = (_, number) => (number == null ? "–" : `${number.toLocaleString("en")}${unit}`);
  const options = { label, stroke, value, width: 2, points: { show: isAlone } };
  if (kind === "bar") return { ...options, points: { show: false }, width: 0, fill: stroke, paths: uPlot.paths.bars({ size: [0.6, 40] }), scale: "moves" };
  if (kind === "plain") return { ...options, dash: DASHES[place % DASHES.length] };
  return { ...options, fill: `${stroke}1f` };
}

const short = (at) => new Date(at * 1000).toLocaleDateString("en", { day: "numeric", month: "short" });
const long = (at) => new Date(at * 1000).toLocaleDateString("en", { dateStyle: "medium" });
const hour = (timeZone) => (at) => new Date(at * 1000).toLocaleString("en-GB", { timeZone, day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const whole = (unit) => (_, splits) => splits.map((n) => (Number.isInteger(n) ? `${n.toLocaleString("en")}${unit}` : ""));

const fromZero = { range: (_, low, high) => [Math.min(0, (low ?? 0) * 1.1), Math.max(4, (high ?? 0) * 1.1)] };

function axesFor(lines, zone, unit) {
  const axis = { stroke: token("--mute"), grid: { stroke: token("--line"), width: 1 }, ticks: { show: false } };
  const days = { ...axis, grid: { show: false }, incrs: zone ? [...HOURS, DAY] : STEPS, space: zone ? 110 : 70, values: (_, splits) => splits.map(zone ? hour(zone) : short) };
  const scales = [...new Set(lines.map((line) => (line.kind === "bar" ? "moves" : "y")))];
  return [days, ...scales.map((scale, place) => {
    const sides = place ? { side: 1, grid: { show: false } } : { side: 3 };
    return { ...axis, scale, values: whole(unit), size: 56, ...sides };
  })];
}

function draw(figure) {
  drawn.get(figure)?.destroy();
  const { zone, unit = "" } = figure.dataset;
  const [days, ...lines] = columns(figure.querySelector("table"), zone);
  if (days.values.length < 2) return;
  const half = (zone ? HOUR : DAY) / 2;
  const options = {
    ...(zone && { tzDate: (at) => uPlot.tzDate(new Date(at * 1000), zone) }),
    width: figure.clientWidth,
    height: HEIGHT,
    axes: axesFor(lines, zone, unit),
    series: [{ label: days.label, value: (_, at) => (at ? (zone ? hour(zone) : long)(at) : "–") }, ...lines.map((line, place) => series(line, place, unit))],
    scales: { x: { range: (_, low, high) => [low - half, high + half] }, y: fromZero, moves: fromZero },
    cursor: { drag: { x: false, y: false } },
  };
  const chart = new uPlot(options, [days.values, ...lines.map((line) => line.values)], figure);
  figure.classList.add("is-drawn");
  drawn.set(figure, chart);
}

const all = () => document.querySelectorAll("[data-chart]");
const drawAll = () => all().forEach(draw);
const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) drawn.get(target)?.setSize({ width: target.clientWidth, height: HEIGHT });
});

const drawNew = () => all().forEach((figure) => {
  if (figure.classList.contains("is-drawn")) return;
  draw(figure);
  resized.observe(figure);
});

drawNew();
// A part that was refreshed has its tables anew, and no drawings.
document.addEventListener("htmx:afterSwap", drawNew);
document.addEventListener("themechange", drawAll);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTimeout(drawAll));
