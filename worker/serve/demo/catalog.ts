import { createHash } from "node:crypto";

export type Capability = "completion" | "tools" | "insert" | "embedding";

export interface DemoModel {
  name: string;
  size: number;
  /** The same on every machine, as after pulls of one model. */
  digest: string;
  modifiedAt: string;
  contextLength: number;
  capabilities: readonly Capability[];
  details: {
    parent_model: string;
    format: string;
    family: string;
    families: string[];
    parameter_size: string;
    quantization_level: string;
  };
}

export interface MachineSpec {
  name: string;
  tokensPerSecond: number;
  models: readonly DemoModel[];
}

function model(
  name: string,
  about: {
    gigabytes: number;
    family: string;
    parameters: string;
    quantization?: string;
    day: string;
    context: number;
    can: readonly Capability[];
  },
): DemoModel {
  return {
    name,
    size: Math.round(about.gigabytes * 1e9),
    digest: createHash("sha256").update(`simulated model ${name}`).digest("hex"),
    modifiedAt: `${about.day}T09:30:00Z`,
    contextLength: about.context,
    capabilities: about.can,
    details: {
      parent_model: "",
      format: "gguf",
      family: about.family,
      families: [about.family],
      parameter_size: about.parameters,
      quantization_level: about.quantization ?? "Q4_K_M",
    },
  };
}

const CHAT = ["completion", "tools"] as const;

const llama = model("llama3.2:3b", {
  gigabytes: 2.019,
  family: "llama",
  parameters: "3.2B",
  day: "2026-07-02",
  context: 131_072,
  can: CHAT,
});
const qwen = model("qwen3:8b", {
  gigabytes: 5.225,
  family: "qwen3",
  parameters: "8.2B",
  day: "2026-07-14",
  context: 40_960,
  can: CHAT,
});
const gemma = model("gemma3:12b", {
  gigabytes: 8.149,
  family: "gemma3",
  parameters: "12.2B",
  day: "2026-06-21",
  context: 131_072,
  can: ["completion"],
});
const coder = model("qwen2.5-coder:32b", {
  gigabytes: 19.851,
  family: "qwen2",
  parameters: "32.8B",
  day: "2026-08-05",
  context: 32_768,
  can: ["completion", "tools", "insert"],
});
const embedder = model("nomic-embed-text:latest", {
  gigabytes: 0.274,
  family: "nomic-bert",
  parameters: "137M",
  quantization: "F16",
  day: "2026-05-30",
  context: 2048,
  can: ["embedding"],
});

export const MACHINES: readonly MachineSpec[] = [
  { name: "demo-laptop", tokensPerSecond: 20, models: [llama, embedder] },
  { name: "demo-desk", tokensPerSecond: 40, models: [qwen, llama, gemma] },
  { name: "demo-server", tokensPerSecond: 80, models: [coder, qwen, llama, embedder] },
];
