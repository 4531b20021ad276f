import type { Run } from "./run.ts";
import type { Simulated } from "./simulate.ts";

const WIDTH = 900;
const LEFT = 130;
const RIGHT = 20;
const INNER = WIDTH - LEFT - RIGHT;
const BAR = 14;
const LANE = 90;
/** Pieces that a timeline is drawn in. */
const PIECES = 240;

/** Colours without variables: not every program that shows SVG knows those. */
const STYLE = `
  text { font: 12px system-ui, sans-serif; } .title { font-size: 16px; font-weight: 600; } .end { text-anchor: end; }
  .paper { fill: #ffffff; } text { fill: #1c1e21; } .frame { fill: none; stroke: #d5d8dd; }
  .p50, .busy { fill: #2f6fde; } .p95 { fill: #e08a1e; } .p99 { fill: #c23b3b; }
  .busy { fill-opacity: 0.45; } .waiting { fill: none; stroke: #c23b3b; stroke-width: 1.5; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #16181c; } text { fill: #e6e8eb; } .frame { stroke: #3a3f47; }
    .p50, .busy { fill: #6fa3ff; } .p95 { fill: #f0ad54; } .p99 { fill: #ff7b7b; } .waiting { stroke: #ff7b7b; }
  }`;

/** One picture that needs nothing else: latencies as bars; below, how busy the slots are and how long the line is. */
export function svg(simulated: Simulated, runs: readonly Run[]): string {
  const bars = latencies(simulated, 70);
  const lanes = timelines(simulated, runs, bars.bottom + 50);
  const { scenario, machines, requests, lower_bound_s } = simulated;
  const facts = `${machines} machines, ${requests} requests, lower bound ${lower_bound_s.toFixed(1)} s, seed ${scenario.seed}`;
  const height = lanes.bottom + 20;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escaped(`Simulation of ${scenario.name}`)}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="paper" width="${WIDTH}" height="${height}"/>`,
    text(20, 28, scenario.name, "title"),
    text(20, 48, facts),
    ...bars.parts,
    ...lanes.parts,
    "</svg>",
    "",
  ].join("\n");
}

interface Drawn {
  parts: string[];
  bottom: number;
}

function latencies({ strategies }: Simulated, top: number): Drawn {
  const longest = Math.max(1e-9, ...strategies.map(({ latency_s }) => latency_s.p99));
  const parts = [text(20, top + 4, "Latency, seconds: p50, p95, p99")];
  let y = top + 16;
  for (const { strategy, latency_s } of strategies) {
    parts.push(text(LEFT - 10, y + BAR * 1.9, strategy, "end"));
    for (const which of ["p50", "p95", "p99"] as const) {
      const width = (latency_s[which] / longest) * (INNER - 70);
      parts.push(
        `<rect class="${which}" x="${LEFT}" y="${round(y)}" width="${round(width)}" height="${BAR - 2}"/>`,
        text(LEFT + width + 5, y + BAR - 3, latency_s[which].toFixed(2)),
      );
      y += BAR;
    }
    y += 10;
  }
  return { parts, bottom: y };
}

function timelines(simulated: Simulated, runs: readonly Run[], top: number): Drawn {
  const endMs = Math.max(1, ...simulated.strategies.map(({ makespan_s }) => makespan_s * 1_000));
  const lanes = runs.map((run) => ({ run, pieces: piecesOf(run, endMs) }));
  const longest = Math.max(1, ...lanes.flatMap(({ pieces }) => pieces.map(({ waiting }) => waiting)));
  const parts = [
    text(
      20,
      top - 12,
      `Slots in use (area, of ${simulated.slots}) and requests that wait (line, up to ${Math.round(longest)})`,
    ),
  ];
  let y = top;
  for (const { run, pieces } of lanes) {
    const x = (index: number): number => round(LEFT + (index / PIECES) * INNER);
    const area = pieces.map(
      ({ busy }, index) => `L${x(index)} ${height(y, busy / simulated.slots)} H${x(index + 1)}`,
    );
    const line = pieces.map(({ waiting }, index) => `${x(index)},${height(y, waiting / longest)}`);
    parts.push(
      text(LEFT - 10, y + LANE / 2, run.strategy, "end"),
      `<path class="busy" d="M${LEFT} ${y + LANE} ${area.join(" ")} V${y + LANE} Z"/>`,
      `<polyline class="waiting" points="${line.join(" ")}"/>`,
      `<rect class="frame" x="${LEFT}" y="${y}" width="${INNER}" height="${LANE}"/>`,
    );
    y += LANE + 14;
  }
  parts.push(text(LEFT, y + 4, "0 s"), text(WIDTH - RIGHT, y + 4, `${(endMs / 1_000).toFixed(0)} s`, "end"));
  return { parts, bottom: y };
}

const height = (top: number, share: number): number => round(top + LANE - Math.min(1, share) * (LANE - 2));

/** Mean values over equal pieces of the time. */
function piecesOf({ timeline }: Run, endMs: number): { busy: number; waiting: number }[] {
  const pieceMs = endMs / PIECES;
  const pieces = Array.from({ length: PIECES }, () => ({ busy: 0, waiting: 0 }));
  timeline.forEach(({ atMs, busy, waiting }, index) => {
    const untilMs = timeline[index + 1]?.atMs ?? atMs;
    const last = Math.min(PIECES - 1, Math.floor(untilMs / pieceMs));
    for (let at = Math.floor(atMs / pieceMs); at <= last; at++) {
      const piece = pieces[at];
      const overlapMs = Math.min(untilMs, (at + 1) * pieceMs) - Math.max(atMs, at * pieceMs);
      if (piece === undefined || overlapMs <= 0) continue;
      piece.busy += (busy * overlapMs) / pieceMs;
      piece.waiting += (waiting * overlapMs) / pieceMs;
    }
  });
  return pieces;
}

function text(x: number, y: number, words: string, kind = ""): string {
  return `<text${kind === "" ? "" : ` class="${kind}"`} x="${round(x)}" y="${round(y)}">${escaped(words)}</text>`;
}

function escaped(words: string): string {
  return words
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

const round = (value: number): number => Math.round(value * 10) / 10;
