import { join } from "node:path";
import type { Clock } from "../core/clock.ts";
import { OllamaTarget } from "../core/forwarder/ollama-target.ts";
import type { Env } from "../core/proxy-env.ts";
import { capacityReader } from "../core/telemetry/capacity.ts";
import { readGpus } from "../core/telemetry/gpus.ts";
import { OllamaClient } from "../core/telemetry/ollama-client.ts";
import type { Models } from "../ollama/keeper/parts.ts";
import { chooseDefaultModel } from "../ollama/models/default-model.ts";
import { pullModel } from "../ollama/models/pull.ts";

export interface MachineModelsOptions {
  stateDir: string;
  home: string;
  env: Env;
  clock: Clock;
}

/** What a keeper asks and does about models, at this machine's Ollama. */
export function machineModels({ stateDir, home, env, clock }: MachineModelsOptions): Models {
  return {
    any: async (url) => {
      const target = new OllamaTarget(url);
      try {
        return (await new OllamaClient(target, clock).models()).length > 0;
      } finally {
        target.close();
      }
    },
    suggest: async (url, own) => {
      const models = own ? { OLLAMA_MODELS: join(stateDir, "ollama", "models") } : {};
      const capacity = await capacityReader({ env: { ...env, ...models }, home, ollamaUrl: url })();
      const chosen = chooseDefaultModel({
        gpus: await readGpus(),
        memoryTotalMb: capacity.memory_total_mb ?? 0,
        diskFreeMb: capacity.disk_free_mb,
      });
      return chosen === undefined ? undefined : { model: chosen.name, downloadBytes: chosen.download_bytes };
    },
    pull: (ollamaUrl, model, { observe, signal }) =>
      pullModel({ ollamaUrl, model }, { clock, signal, observe }),
  };
}
