/** How much of a GPU is used by programs that are not Ollama. */
export interface GpuUse {
  /** Of the GPU that they use most, percent. */
  percent: number;
  /** Which of them uses it most. */
  program?: string;
}

/** What the owner does with the machine. Undefined: it cannot be told, and then nothing follows from it. Never rejects. */
export interface OwnerSensors {
  onMains(): Promise<boolean | undefined>;
  gpuUsedByOthers(): Promise<GpuUse | undefined>;
  /** Whether a program fills the screen: a game, a film, a talk. */
  fullScreen(): Promise<boolean | undefined>;
}
