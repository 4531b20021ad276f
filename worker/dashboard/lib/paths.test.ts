import { expect, test } from "vitest";
import { hrefOf, matchPath, pathBelow } from "./paths.ts";

test("a path is told without the base and without a slash at its end", () => {
  expect(
    ["/dashboard", "/dashboard/", "/dashboard/machines", "/dashboard/machines/a/"].map(pathBelow),
  ).toEqual(["/", "/", "/machines", "/machines/a"]);
});

test("parameters of a path come decoded, and a broken one matches nothing", () => {
  expect(matchPath("/models/:name", "/models/hf.co%2Fa%2Fb%3Aq4")).toEqual({ name: "hf.co/a/b:q4" });
  expect(matchPath("/models/:name", "/models/%ZZ")).toBeUndefined();
  expect(matchPath("/models/:name", "/models")).toBeUndefined();
  expect(matchPath("/models", "/models")).toEqual({});
});

test("an address leaves out filters that are empty and encodes the others", () => {
  expect(hrefOf("/")).toBe("/dashboard");
  expect(hrefOf("/requests", { model: "a b&c", status: "", key: null })).toBe(
    "/dashboard/requests?model=a+b%26c",
  );
});
