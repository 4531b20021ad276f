import { z } from "zod";
import { type Gpu, gpu } from "../../../shared/protocol/messages.ts";

/** The part of systeminformation's answer that counts here; drivers leave out what they do not know. */
const graphics = z.object({
  controllers: z.array(
    z.object({
      model: z.string().nullish(),
      name: z.string().nullish(),
      vendor: z.string().nullish(),
      vram: z.number().nullish(),
      memoryTotal: z.number().nullish(),
      memoryUsed: z.number().nullish(),
      utilizationGpu: z.number().nullish(),
    }),
  ),
});

/** GPUs of this machine. The package is large and starts programs: it is loaded when first needed. */
export async function readGpus(): Promise<Gpu[]> {
  const information = await import("systeminformation");
  return gpusOf(await information.default.graphics());
}

export function gpusOf(answer: unknown): Gpu[] {
  const parsed = graphics.safeParse(answer);
  if (!parsed.success) return [];
  const gpus: Gpu[] = [];
  for (const controller of parsed.data.controllers.slice(0, 32)) {
    const name = controller.name || controller.model || controller.vendor;
    const total = controller.memoryTotal ?? controller.vram;
    const candidate = gpu.safeParse({
      name: name?.slice(0, 200),
      ...(total == null ? {} : { memory_total_mb: total }),
      ...(controller.memoryUsed == null ? {} : { memory_used_mb: controller.memoryUsed }),
      ...(controller.utilizationGpu == null ? {} : { utilization: controller.utilizationGpu }),
    });
    if (candidate.success) gpus.push(candidate.data);
  }
  return gpus;
}

/** Whether a reading says something new: numbers that only flicker do not wake an idle fleet. */
export function gpusChanged(told: readonly Gpu[] | undefined, now: readonly Gpu[]): boolean {
  if (told === undefined || told.length !== now.length) return true;
  return now.some((gpu, index) => {
    const before = told[index];
    if (before === undefined || before.name !== gpu.name || before.memory_total_mb !== gpu.memory_total_mb)
      return true;
    const share = (gpu.memory_total_mb ?? 0) / 20;
    return (
      Math.abs((gpu.utilization ?? 0) - (before.utilization ?? 0)) >= 5 ||
      Math.abs((gpu.memory_used_mb ?? 0) - (before.memory_used_mb ?? 0)) > share
    );
  });
}
