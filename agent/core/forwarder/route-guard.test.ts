import { expect, test } from "vitest";
import { guardRoute } from "./route-guard.ts";

test.each([
  ["POST", "/api/generate"],
  ["POST", "/api/chat?x=1"],
  ["POST", "/v1/messages?beta=true"],
  ["POST", "/api/show"],
])("%s %s is forwarded", (method, path) => {
  expect(guardRoute(method, path, false).ok).toBe(true);
});

test.each([
  ["POST", "/api/push"],
  ["POST", "/api/me"],
  ["POST", "/api/signout"],
  ["DELETE", "/api/user/keys/x"],
  ["POST", "/api/experimental/web_search"],
  ["GET", "/api/tags"],
  ["GET", "/"],
  ["GET", "/api/generate"],
  ["POST", "/api/generate/"],
  ["POST", "/API/generate"],
  ["POST", "//api/generate"],
  ["POST", "http://127.0.0.1/api/generate"],
  ["POST", "/api/../api/generate"],
  ["POST", "/api/blobs/.."],
  ["POST", "/api/blobs/../me"],
  ["POST", "/api/blobs/%2e%2e"],
  ["POST", "/api/blobs/%2E%2E%2Fme"],
  ["POST", "/api/blobs/a%5Cb"],
  ["POST", "/api/blobs/a\\b"],
  ["POST", "/api/blobs/a b"],
  ["POST", "/api/blobs/a\r\nX: y"],
  ["POST", "/api/blobs/a#b"],
  ["POST", "/api/generate?a=\r\nHost: x"],
])("%s %s is refused, whatever the owner allows", (method, path) => {
  expect(guardRoute(method, path, true)).toEqual({ ok: false, code: "route_refused" });
});

test.each([
  ["POST", "/api/pull"],
  ["POST", "/api/create"],
  ["POST", "/api/copy"],
  ["DELETE", "/api/delete"],
  ["POST", "/api/blobs/sha256:00ff"],
  ["HEAD", "/api/blobs/sha256-00ff"],
])("%s %s changes the machine and needs its owner's permission", (method, path) => {
  expect(guardRoute(method, path, true).ok).toBe(true);
  expect(guardRoute(method, path, false)).toEqual({ ok: false, code: "owner_refused" });
});
