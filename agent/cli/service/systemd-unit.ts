import { NO_RESTART } from "../exit-codes.ts";
import { DESCRIPTION, type ServicePlan } from "./service-plan.ts";

export const SYSTEM_STATE = "ollama-coordinator";

export interface UnitOptions extends Pick<ServicePlan, "command"> {
  scope:
    | { type: "user" }
    /** Its user exists only while it runs; `groups` are those that own graphics cards. */
    | { type: "system"; configFile: string; groups: readonly string[] };
}

/** The text of a systemd unit. */
export function unitText({ command, scope }: UnitOptions): string {
  const [program, ...args] = command;
  const isSystem = scope.type === "system";
  const exec = [quoted(program), ...args.map((arg) => quoted(arg).replaceAll("$", "$$$$"))];
  // The one word in which a variable is meant.
  if (isSystem) exec.push("--config", `"$\{CREDENTIALS_DIRECTORY}/config.json"`);
  return section("Unit", [
    `Description=${DESCRIPTION}`,
    ...(isSystem ? ["Wants=network-online.target", "After=network-online.target"] : []),
    // However often it fails: a coordinator may be away for days.
    "StartLimitIntervalSec=0",
  ])
    .concat(
      section("Service", [
        "Type=exec",
        `ExecStart=${exec.join(" ")}`,
        "Restart=on-failure",
        "RestartSec=5",
        // Where a person has to act, starting again is of no use.
        `RestartPreventExitStatus=${NO_RESTART.join(" ")}`,
        // The agent stops its Ollama itself, after what is being answered.
        "KillMode=mixed",
        "TimeoutStopSec=30",
        "UMask=0077",
        "NoNewPrivileges=yes",
        ...(isSystem ? systemLines(scope) : []),
      ]),
      section("Install", [`WantedBy=${isSystem ? "multi-user.target" : "default.target"}`]),
    )
    .join("\n");
}

/**
 * No PrivateDevices: Ollama needs the graphics cards. No MemoryDenyWriteExecute: V8 compiles. AF_NETLINK: Node lists network
 * interfaces with it.
 */
function systemLines({ configFile, groups }: { configFile: string; groups: readonly string[] }): string[] {
  return [
    "DynamicUser=yes",
    `User=${SYSTEM_STATE}`,
    ...(groups.length === 0 ? [] : [`SupplementaryGroups=${groups.join(" ")}`]),
    `StateDirectory=${SYSTEM_STATE}`,
    "StateDirectoryMode=0700",
    `Environment=HOME=/var/lib/${SYSTEM_STATE}`,
    // Root's file, handed to this service alone: its user comes and goes and could not own one.
    `LoadCredential=config.json:${specifierFree(configFile)}`,
    "ProtectSystem=strict",
    "ProtectHome=read-only",
    "PrivateTmp=yes",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelLogs=yes",
    "ProtectControlGroups=yes",
    "ProtectClock=yes",
    "ProtectHostname=yes",
    "RestrictSUIDSGID=yes",
    "RestrictRealtime=yes",
    "RestrictNamespaces=yes",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    "LockPersonality=yes",
    "SystemCallArchitectures=native",
    "CapabilityBoundingSet=",
  ];
}

function section(title: string, lines: string[]): string[] {
  return [`[${title}]`, ...lines, ""];
}

/** One word for systemd, whatever is in it (systemd.syntax(7), "Quoting"). */
function quoted(word: string): string {
  const escaped = specifierFree(word)
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n")
    .replaceAll("\t", "\\t");
  return /^[\w@%+=:,./-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}

function specifierFree(text: string): string {
  return text.replaceAll("%", "%%");
}
