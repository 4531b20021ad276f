import { expect, test } from "vitest";
import { errorOf } from "./api-error.ts";

test("an error of the API is told with its fields and when to come again", async () => {
  const body = { error: "name is taken", code: "conflict", fields: { name: "must be another" } };
  const response = Response.json(body, { status: 409, headers: { "retry-after": "7" } });
  expect(await errorOf(response)).toMatchObject({
    status: 409,
    code: "conflict",
    message: "name is taken",
    fields: { name: "must be another" },
    retryAfterS: 7,
  });
});

test("what a proxy in between says is an error too", async () => {
  const response = new Response("<h1>Bad gateway</h1>", { status: 502 });
  expect(await errorOf(response)).toMatchObject({
    status: 502,
    code: "http_502",
    message: "<h1>Bad gateway</h1>",
  });
  expect(await errorOf(new Response("null", { status: 500 }))).toMatchObject({
    code: "http_500",
    fields: {},
  });
});
