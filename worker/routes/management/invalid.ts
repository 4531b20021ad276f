import type { Hook, z } from "@hono/zod-openapi";
import type { AppEnv } from "../../host.ts";
import { issueText } from "./issue-text.ts";
import { type Failure, fail } from "./problem.ts";

type Issue = z.core.$ZodIssue;

/** Fields that the message itself names; the rest are in `fields`. */
const NAMED = 5;

/** Answers a request that does not fit its schema, for every route of the management API. */
export const invalidHook: Hook<unknown, AppEnv, string, unknown> = (result, c) =>
  result.success ? undefined : fail(c, invalid(result.error.issues, result.target));

/** @param target `json`, `query` or `param`: what a fault without a path is a fault of */
export function invalid(issues: readonly Issue[], target: string): Failure {
  const root = target === "json" ? "body" : target;
  const found = new Map<string, string>();
  for (const [path, text] of issues.flatMap((issue) => faults(issue, root))) {
    if (!found.has(path)) found.set(path, text);
  }
  const texts = [...found].map(([path, text]) => `${path} ${text}`);
  const more = texts.length > NAMED ? `; and ${texts.length - NAMED} more` : "";
  return {
    status: 400,
    code: "bad_request",
    message: texts.slice(0, NAMED).join("; ") + more,
    fields: Object.fromEntries(found),
  };
}

function faults(issue: Issue, root: string): [string, string][] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => [[...issue.path, key].join("."), "is not a field that can be set here"]);
  }
  return [[issue.path.length === 0 ? root : issue.path.join("."), issueText(issue)]];
}
