/** What macOS' `pmset -g batt` says: `Now drawing from 'AC Power'`. A machine without a battery says that, too. */
export function mainsFromPmset(output: string): boolean | undefined {
  const source = /drawing from '([^']+)'/.exec(output)?.[1];
  if (source === undefined) return undefined;
  return source === "AC Power";
}
