import type { GpuUse } from "../sensors.ts";
import type { RunTool } from "./run-tool.ts";

/** Ollama's own programs, whoever started them; names may be cut. */
const OWN = /^(ollama|llama[-_]server)/i;

/** How much of NVIDIA's GPUs other programs use; undefined without `nvidia-smi`, or where it does not tell programs apart. */
export async function nvidiaUse(run: RunTool): Promise<GpuUse | undefined> {
  const pmon = await run("nvidia-smi", ["pmon", "-c", "1", "-s", "u"]);
  const measured = pmon === undefined ? undefined : useFromPmon(pmon);
  if (measured !== undefined) return measured;
  const gpus = await run("nvidia-smi", query("gpu", "uuid,utilization.gpu"));
  const apps = await run("nvidia-smi", query("compute-apps", "gpu_uuid,process_name"));
  return gpus === undefined || apps === undefined ? undefined : useByElimination(gpus, apps);
}

const query = (what: string, fields: string): string[] => [
  `--query-${what}=${fields}`,
  "--format=csv,noheader,nounits",
];

/** Use by program, of `nvidia-smi pmon -s u`; undefined where programs run and it knows of none how much. */
export function useFromPmon(output: string): GpuUse | undefined {
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== "");
  // Which columns there are depends on the driver; the first line names them.
  const columns = lines[0]?.replace(/^#/, "").trim().split(/\s+/) ?? [];
  const [gpuAt, pidAt, smAt, nameAt] = ["gpu", "pid", "sm", "command"].map((name) => columns.indexOf(name));
  if (gpuAt !== 0 || pidAt === undefined || smAt === undefined || nameAt === undefined) return undefined;
  if (Math.min(pidAt, smAt, nameAt) < 0) return undefined;
  const gpus = new Map<string, { percent: number; most: number; program: string }>();
  let programs = 0;
  let known = 0;
  for (const line of lines) {
    const cells = line.trim().split(/\s+/);
    const [gpu = "#"] = cells;
    if (gpu.startsWith("#") || !/^\d+$/.test(cells[pidAt] ?? "")) continue;
    programs++;
    const percent = Number(cells[smAt]);
    if (Number.isNaN(percent)) continue;
    known++;
    const program = baseName(cells.slice(nameAt).join(" "));
    if (OWN.test(program)) continue;
    const sum = gpus.get(gpu) ?? { percent: 0, most: -1, program };
    sum.percent += percent;
    if (percent > sum.most) Object.assign(sum, { most: percent, program });
    gpus.set(gpu, sum);
  }
  if (programs > 0 && known === 0) return undefined;
  let most: GpuUse = { percent: 0 };
  for (const { percent, program } of gpus.values()) if (percent > most.percent) most = { percent, program };
  return { ...most, percent: Math.min(100, most.percent) };
}

/**
 * Drivers that do not measure programs say how busy a GPU is, and who computes on it: where Ollama does not, it is busy with
 * others. Of a GPU that Ollama is on, or may be, nothing is known unless it is idle.
 */
export function useByElimination(gpus: string, apps: string): GpuUse | undefined {
  const ours = new Set(
    rows(apps).flatMap(([uuid, name]) =>
      uuid !== undefined && (name === undefined || name.startsWith("[") || OWN.test(baseName(name)))
        ? uuid
        : [],
    ),
  );
  const known = rows(gpus).flatMap(([uuid = "", use = ""]) =>
    /^\d+$/.test(use) && (use === "0" || !ours.has(uuid)) ? Number(use) : [],
  );
  return known.length === 0 ? undefined : { percent: Math.max(...known) };
}

/** Two columns of CSV without quotes; a path may contain the separator. */
function rows(csv: string): [string | undefined, string | undefined][] {
  return csv
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const comma = line.indexOf(",");
      return comma < 0
        ? [line.trim(), undefined]
        : [line.slice(0, comma).trim(), line.slice(comma + 1).trim()];
    });
}

function baseName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
