import { CommandError } from "../complain.ts";

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text between two tags. @throws CommandError for what XML cannot hold in any way */
export function xmlText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text)) {
    throw new CommandError(
      `${JSON.stringify(text)} cannot stand in a service file: choose another directory`,
    );
  }
  return text.replace(/[&<>"]/g, (char) => ENTITIES[char] ?? char);
}
