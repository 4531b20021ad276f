import type { z } from "@hono/zod-openapi";

type Issue = z.core.$ZodIssue;

/** Wordings that zod leaves out: what a value of the format looks like. */
const FORMATS: Record<string, string> = {
  datetime: "must be a time in UTC such as 2026-01-31T12:00:00Z",
  uuid: "must be a UUID",
  ipv4: "must be an IPv4 address",
  ipv6: "must be an IPv6 address",
};

/** What is wrong with one value and what would be allowed there. */
export function issueText(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.message.endsWith("received undefined")
        ? `is required: ${article(issue.expected)}`
        : `must be ${article(issue.expected)}`;
    case "invalid_value":
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
    case "too_small":
      return `must ${sized(issue.origin, "at least", issue.minimum)}`;
    case "too_big":
      return `must ${sized(issue.origin, "at most", issue.maximum)}`;
    case "invalid_format":
      return FORMATS[issue.format] ?? `must be: ${issue.message}`;
    case "invalid_key":
      return issue.issues.map(issueText)[0] ?? issue.message;
    case "invalid_union":
      return alternatives(issue.errors) ?? issue.message;
    default:
      return issue.message;
  }
}

function article(type: string): string {
  if (type === "int") return "an integer";
  return `${/^[aeio]/.test(type) ? "an" : "a"} ${type}`;
}

function sized(origin: string, bound: string, limit: number | bigint): string {
  const plural = limit === 1 ? "" : "s";
  if (origin === "string") return `have ${bound} ${limit} character${plural}`;
  if (origin === "array") return `have ${bound} ${limit} item${plural}`;
  return `be ${bound} ${limit}`;
}

function alternatives(errors: readonly (readonly Issue[])[]): string | undefined {
  const texts = new Set(errors.flatMap(([first]) => (first === undefined ? [] : [issueText(first)])));
  return texts.size === 0 ? undefined : [...texts].join(", or ");
}
