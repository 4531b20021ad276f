import { expect, test } from "vitest";
import { cutPathKey } from "./path-key.ts";

test.each([
  ["/k/KEY/api/chat", "KEY", "/api/chat"],
  ["/k/KEY/api/chat?x=1&y=/k/z/", "KEY", "/api/chat?x=1&y=/k/z/"],
  ["/k/KEY", "KEY", "/"],
  ["/k/KEY/", "KEY", "/"],
  ["/k/KEY?x", "KEY", "/?x"],
  ["/k/KEY//api/tags", "KEY", "//api/tags"],
  ["/k/KEY/k/OTHER/api/tags", "KEY", "/k/OTHER/api/tags"],
  ["/k/a%2Fb/api/tags", "a%2Fb", "/api/tags"],
  ["/k/KEY/api/\nchat", "KEY", "/api/\nchat"],
])("%j is key %j and path %j", (url, key, rest) => {
  expect(cutPathKey(url)).toEqual({ key, rest });
});

test.each([
  "/",
  "/api/chat",
  "/k",
  "/k/",
  "/k/?x",
  "/k//api/tags",
  "/K/KEY/api/tags",
  "/x/k/KEY/api",
  "/kk/KEY/api",
  "",
])("%j has no key", (url) => {
  expect(cutPathKey(url)).toBeUndefined();
});
