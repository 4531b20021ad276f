import { expect, test } from "vitest";
import { bench } from "../../worker/routes/management/testing/bench.ts";
import { documentOf } from "../../worker/routes/management/testing/operations.ts";
import { Contract, type Exchange } from "./contract.ts";

const contract = new Contract(JSON.stringify(await documentOf(await bench())));
const answer = (over: Partial<Exchange>): string | undefined =>
  contract.fault({
    method: "GET",
    path: "/healthz",
    status: 200,
    contentType: "application/json",
    body: '{"status":"ok"}',
    ...over,
  });
const ERROR = '{"error":"no","code":"not_found"}';

test.each<[string, Partial<Exchange>]>([
  ["an answer as it is described", {}],
  ["a head without its body", { method: "HEAD", body: "" }],
  ["a type with parameters", { path: "/metrics", contentType: "text/plain; version=0.0.4", body: "up 1\n" }],
  ["a success without a body", { method: "DELETE", path: "/api/agents/x", status: 204, body: "" }],
  [
    "a model's name with slashes",
    { method: "DELETE", path: "/api/admin/models/hf.co/x/y/placement", status: 404, body: ERROR },
  ],
  [
    "a path that is not there",
    { path: "/api/admin/nothing", status: 404, contentType: "text/plain", body: "404" },
  ],
  ["what is not described at all", { path: "/api/chat", status: 418, body: "teapot" }],
])("%s is right", (_, over) => {
  expect(answer(over)).toBeUndefined();
});

test.each<[string, Partial<Exchange>, RegExp]>([
  ["a status that is not described", { status: 500, body: ERROR }, /does not describe/],
  ["a path that is not described", { path: "/api/admin/nothing" }, /not described/],
  ["a method that is not described", { method: "POST" }, /not described/],
  ["another type", { contentType: "text/html" }, /text\/html/],
  ["no JSON", { body: "<html>" }, /no JSON/],
  ["a field that is missing", { body: "{}" }, /status/],
  ["a field that is not described", { body: '{"status":"ok","secret":1}' }, /additional/],
  ["a field of another type", { body: '{"status":1}' }, /status/],
  [
    "a body where none is described",
    { method: "DELETE", path: "/api/agents/x", status: 204, body: "{}" },
    /with a body/,
  ],
  [
    "a field deep inside that is not described",
    {
      path: "/api/admin/queue",
      body: '{"items":[{"extra":1}],"next_cursor":null,"length":1,"max_length":1}',
    },
    /items\/0 must NOT have additional/,
  ],
])("%s is a fault", (_, over, text) => {
  expect(answer(over)).toMatch(text);
});
