import { z } from "@hono/zod-openapi";
import type { Failure } from "./problem.ts";

const MAX_LIMIT = 500;
const DEFAULT_LIMIT = 50;

const limit = z
  .string()
  .regex(/^\d{1,9}$/, `an integer from 1 to ${MAX_LIMIT}`)
  .transform(Number)
  .pipe(z.number().int().min(1).max(MAX_LIMIT))
  .default(DEFAULT_LIMIT)
  .openapi({ type: "integer", minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT });

export const pageQuery = z.object({
  limit,
  cursor: z.string().max(1_000).optional().meta({ description: "`next_cursor` of the page before" }),
});

export function pageOf<Item extends z.ZodType>(
  item: Item,
): z.ZodObject<{ items: z.ZodArray<Item>; next_cursor: z.ZodNullable<z.ZodString> }> {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}

interface Listed {
  id: string;
  created_at: string;
}

interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

/** A page of a list that is short enough to be held whole; undefined when the cursor is none of ours. */
export function cutPage<Item extends Listed>(
  all: readonly Item[],
  query: z.output<typeof pageQuery>,
): Page<Item> | undefined {
  const after = query.cursor === undefined ? undefined : decode(query.cursor);
  if (after === undefined && query.cursor !== undefined) return undefined;
  // By position, not by number: what is made or removed between two pages shifts nothing.
  const rest = all.toSorted(compare).filter((item) => after === undefined || compare(item, after) > 0);
  const items = rest.slice(0, query.limit);
  const last = items.at(-1);
  return { items, next_cursor: last !== undefined && rest.length > items.length ? encode(last) : null };
}

export const BAD_CURSOR: Failure = {
  status: 400,
  code: "bad_request",
  message: "cursor is not one that this list gave out: send next_cursor of the page before, or none",
  fields: { cursor: "must be next_cursor of the page before" },
};

function compare(a: Listed, b: Listed): number {
  return order(a.created_at, b.created_at) || order(a.id, b.id);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function encode({ created_at, id }: Listed): string {
  return encodeText(`${created_at} ${id}`);
}

/** A cursor for a list that is in the order of texts. */
export function encodeText(text: string): string {
  const latin = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(latin).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Undefined when the cursor is none of ours. */
export function decodeText(cursor: string): string | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(cursor) || cursor.length % 4 === 1) return undefined;
  const latin = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder().decode(Uint8Array.from(latin, (char) => char.charCodeAt(0)));
}

function decode(cursor: string): Listed | undefined {
  const text = decodeText(cursor);
  if (text === undefined) return undefined;
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) (\S+)$/.exec(text);
  return match === null ? undefined : { created_at: match[1] ?? "", id: match[2] ?? "" };
}
