import { any, bar, disc, type Layer, paint, type Shape } from "./paint.ts";
import { ico } from "./png.ts";

const ICO_SIDES = [16, 24, 32, 48, 64, 128, 256];

/** A line with round ends. */
const line =
  (x1: number, y1: number, x2: number, y2: number, width: number): Shape =>
  (x, y) => {
    const [dx, dy] = [x2 - x1, y2 - y1];
    const along = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy)));
    return Math.hypot(x - x1 - along * dx, y - y1 - along * dy) <= width / 2;
  };

/** Three machines and what joins them. */
const SPOKES = [-90, 30, 150].map((degrees) => {
  const angle = (degrees * Math.PI) / 180;
  return { x: Math.cos(angle) * 0.56, y: Math.sin(angle) * 0.56 + 0.08 };
});
const LAYERS: Layer[] = [
  { shape: bar(-0.96, -0.96, 0.96, 0.96, 0.42), colour: 0x2454c7 },
  { shape: any(...SPOKES.map(({ x, y }) => line(0, 0.08, x, y, 0.13))), colour: 0xa9c4ff },
  { shape: any(...SPOKES.map(({ x, y }) => disc(0.2, x, y))), colour: 0xffffff },
  { shape: disc(0.27, 0, 0.08), colour: 0xffffff },
];

/** The program's own icon as PNG. */
export function appIcon(side: number): Buffer {
  return paint(LAYERS, side);
}

/** The same for Windows, in all the sizes that it shows. */
export function appIco(): Buffer {
  return ico(ICO_SIDES.map((side) => ({ side, png: appIcon(side) })));
}
