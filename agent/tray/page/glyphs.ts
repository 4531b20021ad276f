import type { IconState, Tab } from "../window-model.ts";
import { h, type VNode } from "./vnode.ts";

type Name = IconState | Tab | "lock" | "paste" | "copy" | "plus" | "warning" | "open" | "question";

const line = (d: string): VNode =>
  h("path", {
    d,
    fill: "none",
    stroke: "currentColor",
    "stroke-width": "1.6",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
  });
const filled = (d: string): VNode => h("path", { d, fill: "currentColor" });
const dot = (r: number): VNode => h("circle", { cx: 10, cy: 10, r, fill: "currentColor" });
const circle = (r: number, width: number, dashes?: string): VNode =>
  h("circle", {
    cx: 10,
    cy: 10,
    r,
    fill: "none",
    stroke: "currentColor",
    "stroke-width": width,
    "stroke-dasharray": dashes,
  });

/** The states are the shapes of the tray's icon. */
const GLYPHS: Record<Name, VNode[]> = {
  connected: [dot(6)],
  working: [circle(7.4, 2.2), dot(3.2)],
  paused: [filled("M4.5 3.5h3.6v13H4.5zM11.9 3.5h3.6v13h-3.6z")],
  trouble: [filled("M8.3 2.2h3.4l-.5 9.6H8.8zM10 13.6a2 2 0 1 1 0 4 2 2 0 0 1 0-4z")],
  connecting: [circle(7.4, 2.4, "4.65 3.1")],
  connection: [
    line(
      "M7.5 12.5l5-5M9 5.5l1.4-1.4a3.9 3.9 0 0 1 5.5 5.5L14.5 11M11 14.5l-1.4 1.4a3.9 3.9 0 0 1-5.5-5.5L5.500 9",
    ),
  ],
  sharing: [
    line(
      "M10 12.500V3M6.500 6L10 2.500 13.500 6M3.500 11v4.500a1.500 1.500 0 0 0 1.500 1.500h10a1.500 1.500 0 0 0 1.500-1.500V11",
    ),
  ],
  ollama: [
    line(
      "M10 2.500l6.500 3.700v7.600L10 17.500l-6.500-3.700V6.200zM3.700 6.300L10 10l6.300-3.700M10 10v7.300",
    ),
  ],
  general: [line("M3 6h7M14 6h3M3 14h3M10 14h7M12 4.200v3.600M8 12.200v3.600")],
  log: [line("M4 5h12M4 10h12M4 15h8")],
  lock: [line("M5 9.500h10v7H5zM7 9.500V7a3 3 0 0 1 6 0v2.500")],
  paste: [line("M7.500 3.500h5v2.500h-5zM7.500 4.500H5v12.500h10V4.500h-2.500")],
  copy: [line("M7 7h9v10H7zM13 7V3.500H4.500V13H7")],
  plus: [line("M10 4v12M4 10h12")],
  warning: [line("M10 3l7.500 13.500h-15zM10 8.200v3.800M10 14.200v.1")],
  open: [line("M8 4H4v12h12v-4M11.500 3.500h5v5M16.200 3.800L9.500 10.500")],
  question: [
    line("M7.200 7.500a2.800 2.800 0 1 1 3.900 2.600c-.8.4-1.100.9-1.100 1.900M10 15v.1"),
    circle(8, 1.6),
  ],
};

/** A picture beside words that say the same. */
export function glyph(name: Name): VNode {
  return h(
    "svg",
    { class: `glyph glyph-${name}`, viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" },
    GLYPHS[name],
  );
}
