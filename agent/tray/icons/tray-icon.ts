import type { IconState } from "../window-model.ts";
import { any, bar, type Colour, dashedRing, disc, paint, ring, type Shape } from "./paint.ts";

/** Told apart by shape: not everybody sees the colours, and macOS shows none. */
const GLYPHS: Record<IconState, Shape> = {
  connected: disc(0.72),
  working: any(ring(0.92, 0.66), disc(0.36)),
  paused: any(bar(-0.68, -0.8, -0.2, 0.8, 0.1), bar(0.2, -0.8, 0.68, 0.8, 0.1)),
  trouble: any(bar(-0.25, -0.95, 0.25, 0.24, 0.2), disc(0.29, 0, 0.66)),
  connecting: dashedRing(0.94, 0.6, 6, 0.6),
};

/** On a light taskbar, and on a dark one; each has a contrast of 3:1 at least with what it stands on. */
const COLOURS: Record<IconState, { light: Colour; dark: Colour }> = {
  connected: { light: 0x15803d, dark: 0x4ade80 },
  working: { light: 0x1d4ed8, dark: 0x7cb3ff },
  paused: { light: 0x57534e, dark: 0xd6d3d1 },
  trouble: { light: 0xc2290a, dark: 0xff8a65 },
  connecting: { light: 0x57534e, dark: 0xd6d3d1 },
};
const BLACK = 0x000000;

/** `template`: macOS colours it itself, by what it is on. */
export interface IconLook {
  dark: boolean;
  template: boolean;
}

/** A tray icon as PNG. */
export function trayIcon(state: IconState, look: IconLook, side: number): Buffer {
  const colour = look.template ? BLACK : COLOURS[state][look.dark ? "dark" : "light"];
  return paint([{ shape: GLYPHS[state], colour }], side);
}
