import { expect, test } from "vitest";
import { readAccess } from "./access-config.ts";

const TEAM = "https://team.cloudflareaccess.com";
const AUD = "0123456789abcdef";

test("nothing set is no Access", () => {
  expect(readAccess({})).toBeUndefined();
  expect(readAccess({ ACCESS_TEAM_DOMAIN: "", ACCESS_AUD: "", ACCESS_ADMINS: "" })).toBeUndefined();
});

test("lists are lower-case and without blanks", () => {
  const env = {
    ACCESS_TEAM_DOMAIN: `${TEAM}/`,
    ACCESS_AUD: AUD,
    ACCESS_ADMINS: " Ann@Example.com, ,@ops.example ",
    ACCESS_VIEWERS: "*",
  };
  expect(readAccess(env)).toEqual({
    teamDomain: TEAM,
    audience: AUD,
    admins: ["ann@example.com", "@ops.example"],
    viewers: ["*"],
  });
});

test.each([
  ["ACCESS_AUD", { ACCESS_TEAM_DOMAIN: TEAM }],
  ["ACCESS_TEAM_DOMAIN", { ACCESS_AUD: AUD }],
  ["ACCESS_TEAM_DOMAIN", { ACCESS_ADMINS: "a@b.c" }],
  ["ACCESS_TEAM_DOMAIN", { ACCESS_TEAM_DOMAIN: "team", ACCESS_AUD: AUD }],
  ["ACCESS_TEAM_DOMAIN", { ACCESS_TEAM_DOMAIN: "http://team.example", ACCESS_AUD: AUD }],
  ["ACCESS_TEAM_DOMAIN", { ACCESS_TEAM_DOMAIN: `${TEAM}/path`, ACCESS_AUD: AUD }],
  ["ACCESS_TEAM_DOMAIN", { ACCESS_TEAM_DOMAIN: "https://a:b@team.example", ACCESS_AUD: AUD }],
  ["ACCESS_AUD", { ACCESS_TEAM_DOMAIN: TEAM, ACCESS_AUD: "a b" }],
  ["ACCESS_ADMINS", { ACCESS_TEAM_DOMAIN: TEAM, ACCESS_AUD: AUD, ACCESS_ADMINS: "ann" }],
  ["ACCESS_VIEWERS", { ACCESS_TEAM_DOMAIN: TEAM, ACCESS_AUD: AUD, ACCESS_VIEWERS: "a@b.c d@e.f" }],
])("%s is named when it is missing or wrong: %j", (name, env) => {
  const read = readAccess(env);
  expect(read).toEqual({ fault: expect.stringMatching(new RegExp(`^${name}[ :].*(allowed|set it to)`)) });
});
