import { join } from "node:path";
import type { OptionSource } from "../../shared/lib/options.ts";
import { OllamaVersions } from "../ollama/versions/versions.ts";
import { systemDoctorDeps } from "../program/doctor/deps.ts";
import { type DoctorOptions, diagnose } from "../program/doctor/doctor.ts";
import { type Finding, isWell, STEPS, type Verdict } from "../program/doctor/finding.ts";
import { SettingsFile } from "../program/settings-file.ts";
import type { AgentStatus } from "../program/status.ts";
import type { Call, CallSources } from "./commands.ts";
import { complaining } from "./complain.ts";
import { EXIT } from "./exit-codes.ts";
import { runningControl } from "./open-control.ts";
import type { Settings } from "./settings.ts";

const MARKS: Record<Verdict, string> = { ok: "ok", warning: "warning", broken: "BROKEN", skipped: "-" };
const MARK_CHARS = Math.max(...Object.values(MARKS).map(({ length }) => length));
const STEP_CHARS = Math.max(...STEPS.map(({ length }) => length));

/** Says of each step of the way to coordinator and Ollama what was found; exit code 0 when nothing is broken. */
export function doctor(settings: Settings, { sources }: Pick<Call, "sources">): Promise<number> {
  return complaining(async () => {
    const findings = await diagnose(await patient(settings, sources), systemDoctorDeps, (finding) => {
      if (!settings.json) process.stdout.write(line(finding));
    });
    const well = isWell(findings);
    process.stdout.write(
      settings.json ? `${JSON.stringify({ well, steps: findings }, null, 2)}\n` : summary(findings),
    );
    return well ? EXIT.ok : EXIT.fatal;
  });
}

/** What is looked at: what this start says, else what the running agent uses, else what its owner has set. */
async function patient(settings: Settings, sources: CallSources): Promise<DoctorOptions> {
  const { stateDir } = settings;
  const running = await runningStatus(settings);
  const own = join(stateDir, "ollama");
  const managed = running?.ollama.source === "managed";
  const ollamaUrl =
    sources.ollamaUrl === "default" ? (running?.ollama.url ?? settings.ollamaUrl) : settings.ollamaUrl;
  return {
    coordinatorUrl: given(settings, sources) ?? (await stored(stateDir)),
    stateDir,
    ollamaUrl,
    startsWithAgent: running === undefined && (await new OllamaVersions(stateDir).current()) !== undefined,
    managedDir: join(own, "versions"),
    ...(managed ? { modelsDir: join(own, "models") } : {}),
  };
}

async function runningStatus(settings: Settings): Promise<AgentStatus | undefined> {
  const control = await runningControl(settings);
  try {
    return await control?.status();
  } finally {
    await control?.close();
  }
}

const SAID_BY: Partial<Record<OptionSource, string>> = {
  flag: "the command line",
  environment: "COORDINATOR_URL",
  config: "the config file",
};

/** The coordinator URL of this start, and where it comes from. */
function given(
  { coordinatorUrl: value }: Settings,
  sources: CallSources,
): { value: string; from: string } | undefined {
  return value === undefined ? undefined : { value, from: SAID_BY[sources.coordinatorUrl] ?? "a default" };
}

async function stored(stateDir: string): Promise<{ value: string; from: string } | undefined> {
  const file = new SettingsFile(stateDir);
  const { coordinator_url: value } = await file.read();
  return value === null ? undefined : { value, from: file.path };
}

function line({ step, verdict, found, advice }: Finding): string {
  const indent = " ".repeat(MARK_CHARS + STEP_CHARS + 4);
  const told = `${MARKS[verdict].padEnd(MARK_CHARS)}  ${step.padEnd(STEP_CHARS)}  ${found}\n`;
  return advice === undefined ? told : `${told}${indent}${advice}\n`;
}

function summary(findings: readonly Finding[]): string {
  const bad = findings.filter(({ verdict }) => verdict === "broken").map(({ step }) => step);
  return bad.length === 0 ? "\nnothing is broken\n" : `\nbroken: ${bad.join(", ")}\n`;
}
