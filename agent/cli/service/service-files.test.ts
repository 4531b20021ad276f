import { describe, expect, test } from "vitest";
import { plistText } from "./launchd-plist.ts";
import { unitText } from "./systemd-unit.ts";
import { quotedArgument, taskXml } from "./task-xml.ts";

const ODD = [
  "/opt/my apps/node",
  "a b",
  "100%",
  'say "hi"',
  "back\\slash",
  "$HOME",
  "日本語",
  "plain",
] as const;

const lineOf = (text: string, key: string): string | undefined =>
  text.split("\n").find((line) => line.startsWith(`${key}=`));

describe("a systemd unit", () => {
  test("of a user starts with the session, and not again where a person must act", () => {
    expect(
      unitText({ command: ["/usr/bin/node", "/a/main.ts", "run"], scope: { type: "user" } }),
    ).toBe(`[Unit]
Description=Ollama Coordinator agent
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=/usr/bin/node /a/main.ts run
Restart=on-failure
RestartSec=5
RestartPreventExitStatus=2 3
KillMode=mixed
TimeoutStopSec=30
UMask=0077
NoNewPrivileges=yes

[Install]
WantedBy=default.target
`);
  });

  test("keeps each word as it is, whatever is in it", () => {
    expect(lineOf(unitText({ command: ODD, scope: { type: "user" } }), "ExecStart")).toBe(
      'ExecStart="/opt/my apps/node" "a b" 100%% "say \\"hi\\"" "back\\\\slash" "$$HOME" "日本語" plain',
    );
    const broken = unitText({ command: ["/a", "x\nExecStartPre=/evil"], scope: { type: "user" } });
    expect(lineOf(broken, "ExecStartPre")).toBeUndefined();
  });

  test("of the machine is shut in, and is handed its settings by root", () => {
    const text = unitText({
      command: ["/usr/bin/agent", "run"],
      scope: {
        type: "system",
        configFile: "/etc/ollama-coordinator/agent.json",
        groups: ["render", "video"],
      },
    });
    expect(lineOf(text, "ExecStart")).toBe(
      `ExecStart=/usr/bin/agent run --config "\${CREDENTIALS_DIRECTORY}/config.json"`,
    );
    for (const line of [
      "DynamicUser=yes",
      "SupplementaryGroups=render video",
      "StateDirectory=ollama-coordinator",
      "LoadCredential=config.json:/etc/ollama-coordinator/agent.json",
      "NoNewPrivileges=yes",
      "ProtectSystem=strict",
      "CapabilityBoundingSet=",
      "WantedBy=multi-user.target",
    ]) {
      expect(text.split("\n")).toContain(line);
    }
    // With these there would be no graphics card and no compiled code.
    expect(text).not.toMatch(/PrivateDevices|MemoryDenyWriteExecute/);
  });
});

test("a LaunchAgent keeps each word as it is and does not start again after an end in order", () => {
  const text = plistText({
    command: ["/A & B/node", '<run> "now"', "日本語"],
    logFile: "/s/agent.log",
    label: "x.y",
  });
  expect(text).toContain("<string>/A &amp; B/node</string>");
  expect(text).toContain("<string>&lt;run&gt; &quot;now&quot;</string>");
  expect(text).toContain("<string>日本語</string>");
  expect(text).toMatch(/<key>SuccessfulExit<\/key>\s*<false\/>/);
  expect(text).toMatch(/<key>AGENT_RESTARTED_ON_FAILURE<\/key>\s*<string>1<\/string>/);
  expect(() => plistText({ command: ["/a\u0001"], logFile: "", label: "" })).toThrow(
    "cannot stand in a service file",
  );
});

test("a task of Windows runs on battery and without an end, and starts again a few times only", () => {
  const text = taskXml({ command: ["C:\\Program Files\\a & b\\agent.exe", "run"], user: "PC\\Zoë" });
  expect(text).toContain("--headless &quot;C:\\Program Files\\a &amp; b\\agent.exe&quot; run</Arguments>");
  expect(text).toContain("<UserId>PC\\Zoë</UserId>");
  for (const element of [
    "<DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>",
    "<StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>",
    "<ExecutionTimeLimit>PT0S</ExecutionTimeLimit>",
    "<Count>10</Count>",
  ]) {
    expect(text).toContain(element);
  }
});

test.each([
  ["plain", "plain"],
  ["C:\\dir\\", "C:\\dir\\"],
  ["C:\\my dir\\", '"C:\\my dir\\\\"'],
  ['say "hi"', '"say \\"hi\\""'],
  ['a\\"b', '"a\\\\\\"b"'],
  ["", '""'],
  ["100%", "100%"],
])("Windows takes %j apart again from %j", (word, quoted) => expect(quotedArgument(word)).toBe(quoted));
