import { readdirSync } from "node:fs";
import { expect, test } from "vitest";

const HERE = new URL(".", import.meta.url);
const areas = readdirSync(HERE, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** All texts by their paths; of functions what they make of ones. */
function flat(value: unknown, path: string): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value === "function") return [[path, String(value(...Array(value.length).fill(1)))]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inside]) => flat(inside, `${path}.${name}`));
}

test.each(areas)("%s: every text is there in both languages, and none is empty", async (area) => {
  const { en } = await import(`./${area}/en.ts`);
  const { ja } = await import(`./${area}/ja.ts`);
  const [english, japanese] = [flat(en, area), flat(ja, area)];
  expect(japanese.map(([path]) => path).sort()).toEqual(english.map(([path]) => path).sort());
  for (const [path, text] of [...english, ...japanese]) expect(text.trim(), path).not.toBe("");
  // What is no word is the same in both; a sentence that is was forgotten.
  const known = new Map(english);
  const same = japanese.filter(
    ([path, text]) => known.get(path) === text && /[a-z]{2,} [a-z]{2,} [a-z]{2,}/.test(text),
  );
  expect(same).toEqual([]);
});
