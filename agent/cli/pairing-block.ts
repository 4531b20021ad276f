import { PAIRING } from "../../shared/api/pairing.ts";
import { cleanText } from "./view/fit-text.ts";

/** A pairing code for a terminal: what to type where, and how long that is good. */
export function pairingBlock(code: string, dashboardUrl: string): string {
  const lines = [
    // As the coordinator says it.
    `Pairing code:  ${cleanText(code)}`,
    "",
    "To let this machine in, type the code at",
    dashboardUrl,
    `within ${PAIRING.lifetime_ms / 60_000} minutes.`,
  ];
  const width = Math.max(...lines.map((line) => line.length));
  const rule = `+${"-".repeat(width + 4)}+`;
  const rows = ["", ...lines, ""].map((line) => `|  ${line.padEnd(width)}  |`);
  return `\n${[rule, ...rows, rule].join("\n")}\n\n`;
}
