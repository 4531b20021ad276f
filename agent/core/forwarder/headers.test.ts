import { expect, test } from "vitest";
import { requestHeaders, responseHeaders } from "./headers.ts";

test("only what Ollama needs to read the body goes to it", () => {
  const given: [string, string][] = [
    ["Content-Type", "application/json"],
    ["content-encoding", "zstd"],
    ["Accept", "*/*"],
    ["User-Agent", "x"],
    ["Origin", "https://evil.example"],
    ["Referer", "https://evil.example/"],
    ["Authorization", "Bearer secret"],
    ["Cookie", "a=b"],
    ["X-Api-Key", "secret"],
    ["X-Forwarded-For", "1.2.3.4"],
    ["Forwarded", "for=1.2.3.4"],
    ["Connection", "close"],
    ["Transfer-Encoding", "chunked"],
    ["Content-Length", "999"],
    ["Host", "evil.example"],
    ["Expect", "100-continue"],
    ["Upgrade", "h2c"],
  ];
  expect(requestHeaders("127.0.0.1:11434", "POST", given, 5)).toEqual(
    "Host 127.0.0.1:11434 content-type application/json content-encoding zstd accept */* user-agent x Content-Length 5".split(
      " ",
    ),
  );
});

test("a value that would split the request is left out", () => {
  expect(requestHeaders("h", "GET", [["accept", "a\r\nX: y"]], 0)).toEqual(["Host", "h"]);
});

test("the body's framing is the agent's own: a length where it is known, chunks where not", () => {
  expect(requestHeaders("h", "POST", [], 0)).toEqual(["Host", "h", "Content-Length", "0"]);
  expect(requestHeaders("h", "HEAD", [], 0)).toEqual(["Host", "h"]);
  expect(requestHeaders("h", "DELETE", [], 7)).toEqual(["Host", "h", "Content-Length", "7"]);
  expect(requestHeaders("h", "DELETE", [], -1)).toEqual(["Host", "h", "Transfer-Encoding", "chunked"]);
});

test("of an answer's headers only those about its body leave the machine, each once", () => {
  const raw = [
    ["Content-Type", "application/x-ndjson"],
    ["content-type", "text/html"],
    ["Cache-Control", "no-cache"],
    ["Retry-After", "1"],
    ["Set-Cookie", "a=b"],
    ["Server", "x"],
    ["Date", "now"],
    ["Connection", "keep-alive"],
    ["Transfer-Encoding", "chunked"],
    ["X-Anything", "y"],
  ].flat();
  expect(responseHeaders(raw)).toEqual([
    ["content-type", "application/x-ndjson"],
    ["cache-control", "no-cache"],
    ["retry-after", "1"],
  ]);
});
