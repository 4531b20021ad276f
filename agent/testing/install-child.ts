/** Installs the newest release and makes it current, and dies of SIGKILL where it is told to. */
import { parseArgs } from "node:util";
import { systemClock } from "../core/clock.ts";
import { DIRECT } from "../core/proxy.ts";
import { freeBytes } from "../ollama/download/disk-space.ts";
import { readInstallSettings } from "../ollama/environment.ts";
import { type InstallDeps, install, prepare } from "../ollama/install.ts";
import { OllamaVersions } from "../ollama/versions/versions.ts";

const { values } = parseArgs({
  options: {
    "state-dir": { type: "string", default: "" },
    url: { type: "string", default: "" },
    /** A step, or `installed` or `switched`. */
    "die-at": { type: "string", default: "" },
    /** Milliseconds after it. */
    "die-after": { type: "string", default: "0" },
  },
});

function reached(moment: string): void {
  if (moment !== values["die-at"]) return;
  const delay = Number(values["die-after"]);
  const die = (): void => {
    process.kill(process.pid, "SIGKILL");
  };
  if (delay === 0) die();
  else setTimeout(die, delay);
}

const versions = new OllamaVersions(values["state-dir"], "linux");
const deps: InstallDeps = {
  versions,
  settings: readInstallSettings({ OLLAMA_RELEASES_URL: values.url }),
  facts: { platform: "linux", arch: "x64", gpus: [], jetpack: undefined },
  clock: systemClock,
  proxy: DIRECT,
  freeBytes,
  signal: new AbortController().signal,
  observe: ({ step, progress }) => {
    reached(step);
    if (step === "downloading" && (progress?.done_bytes ?? 0) > 0) reached("bytes");
  },
  warn: () => {},
};
const installed = await install(await prepare(undefined, deps), deps);
reached("installed");
await versions.switchTo(installed.version);
reached("switched");
await versions.prune();
