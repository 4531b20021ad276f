import { png } from "./png.ts";

/** 0xRRGGBB */
export type Colour = number;
/** Whether a point belongs to a shape; the picture spans -1 to 1, y downwards. */
export type Shape = (x: number, y: number) => boolean;
export interface Layer {
  shape: Shape;
  colour: Colour;
}

/** Points looked at along each side of a pixel: edges are smooth at 16 pixels, where it matters. */
const SAMPLES = 5;

/** Layers one over the other on nothing, as a PNG of `side` times `side` pixels. */
export function paint(layers: readonly Layer[], side: number): Buffer {
  const pixels = new Uint8Array(side * side * 4);
  const step = 2 / (side * SAMPLES);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const sum = [0, 0, 0];
      let covered = 0;
      for (let at = 0; at < SAMPLES * SAMPLES; at++) {
        const x = -1 + (column * SAMPLES + (at % SAMPLES) + 0.5) * step;
        const y = -1 + (row * SAMPLES + Math.floor(at / SAMPLES) + 0.5) * step;
        const colour = layers.findLast(({ shape }) => shape(x, y))?.colour;
        if (colour === undefined) continue;
        covered++;
        [16, 8, 0].forEach((shift, channel) => {
          sum[channel] = (sum[channel] ?? 0) + ((colour >> shift) & 0xff);
        });
      }
      if (covered === 0) continue;
      const place = (row * side + column) * 4;
      pixels.set(
        sum.map((value) => Math.round(value / covered)),
        place,
      );
      pixels[place + 3] = Math.round((covered / SAMPLES ** 2) * 255);
    }
  }
  return png(pixels, side, side);
}

export const disc =
  (radius: number, cx = 0, cy = 0): Shape =>
  (x, y) =>
    Math.hypot(x - cx, y - cy) <= radius;

export const ring =
  (outer: number, inner: number): Shape =>
  (x, y) => {
    const distance = Math.hypot(x, y);
    return distance <= outer && distance >= inner;
  };

/** A ring of `count` pieces, each as long as the gap after it times `share` / (1 - `share`). */
export const dashedRing =
  (outer: number, inner: number, count: number, share: number): Shape =>
  (x, y) =>
    ring(outer, inner)(x, y) &&
    ((Math.atan2(y, x) / (2 * Math.PI) + 1 + share / (2 * count)) * count) % 1 < share;

/** A rectangle with round corners. */
export const bar =
  (left: number, top: number, right: number, bottom: number, corner: number): Shape =>
  (x, y) => {
    const dx = Math.max(left + corner - x, 0, x - (right - corner));
    const dy = Math.max(top + corner - y, 0, y - (bottom - corner));
    return Math.hypot(dx, dy) <= corner;
  };

export const any =
  (...shapes: readonly Shape[]): Shape =>
  (x, y) =>
    shapes.some((shape) => shape(x, y));
