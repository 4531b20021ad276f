import { systemDoctorDeps } from "../program/doctor/deps.ts";
import { diagnose } from "../program/doctor/doctor.ts";
import { type Finding, isWell, STEPS, type Verdict } from "../program/doctor/finding.ts";
import { EXIT } from "./exit-codes.ts";
import type { Settings } from "./settings.ts";

const MARKS: Record<Verdict, string> = { ok: "ok", warning: "warning", broken: "BROKEN", skipped: "-" };
const MARK_CHARS = Math.max(...Object.values(MARKS).map(({ length }) => length));
const STEP_CHARS = Math.max(...STEPS.map(({ length }) => length));

/** Says of each step of the way to coordinator and Ollama what was found; exit code 0 when nothing is broken. */
export async function doctor(settings: Settings): Promise<number> {
  const findings = await diagnose(
    {
      coordinatorUrl: given(settings, process.env),
      stateDir: settings.stateDir,
      ollamaUrl: settings.ollamaUrl,
      managedDir: undefined,
    },
    systemDoctorDeps,
    (finding) => {
      if (!settings.json) process.stdout.write(line(finding));
    },
  );
  const well = isWell(findings);
  process.stdout.write(
    settings.json ? `${JSON.stringify({ well, steps: findings }, null, 2)}\n` : summary(findings),
  );
  return well ? EXIT.ok : EXIT.fatal;
}

/** The coordinator URL of this start, and where it comes from. */
function given(
  { coordinatorUrl }: Settings,
  env: Readonly<Record<string, string | undefined>>,
): { value: string; from: string } | undefined {
  if (coordinatorUrl === undefined) return undefined;
  const fromEnv = env.COORDINATOR_URL?.trim() === coordinatorUrl;
  return { value: coordinatorUrl, from: fromEnv ? "COORDINATOR_URL" : "the command line or the config file" };
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
