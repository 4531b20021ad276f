import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { ICON_STATES, type IconState } from "../window-model.ts";
import { appIco, appIcon } from "./app-icon.ts";
import { trayIcon } from "./tray-icon.ts";

/** Alpha of each pixel; reads what png.ts writes, which is unfiltered. */
function alphas(png: Buffer, side: number): number[] {
  const at = png.indexOf("IDAT");
  const raw = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
  return Array.from({ length: side * side }, (_, pixel) => {
    const row = Math.floor(pixel / side);
    return raw[row * (side * 4 + 1) + 1 + (pixel % side) * 4 + 3] ?? Number.NaN;
  });
}
const shape = (state: IconState, look = { dark: false, template: false }): number[] =>
  alphas(trayIcon(state, look, 16), 16);

test("the states differ in shape, at the smallest size, by an eighth of the picture at least", () => {
  for (const one of ICON_STATES) {
    for (const other of ICON_STATES) {
      if (one === other) continue;
      const others = shape(other);
      const difference = shape(one).reduce((sum, alpha, at) => sum + Math.abs(alpha - (others[at] ?? 0)), 0);
      expect(difference / (255 * 16 * 16), `${one} and ${other}`).toBeGreaterThan(1 / 8);
    }
  }
});

test("light, dark and template pictures have one shape and three colours", () => {
  const looks = [
    { dark: false, template: false },
    { dark: true, template: false },
    { dark: false, template: true },
  ];
  expect(looks.map((look) => shape("working", look))).toEqual(looks.map(() => shape("working")));
  expect(new Set(looks.map((look) => trayIcon("working", look, 16).toString("hex"))).size).toBe(3);
});

test("the same picture is the same bytes", () => {
  expect(appIcon(32)).toEqual(appIcon(32));
});

test("the ICO lists each picture where it is", () => {
  const icon = appIco();
  const count = icon.readUInt16LE(4);
  expect([icon.readUInt16LE(0), icon.readUInt16LE(2), count]).toEqual([0, 1, 7]);
  for (let at = 0; at < count; at++) {
    const entry = 6 + 16 * at;
    const start = icon.readUInt32LE(entry + 12);
    const picture = icon.subarray(start, start + icon.readUInt32LE(entry + 8));
    expect(picture.subarray(1, 4).toString("latin1")).toBe("PNG");
    expect(picture.readUInt32BE(16) % 256).toBe(icon.readUInt8(entry));
  }
});
