/** What is to run, as all service managers need it. */
export interface ServicePlan {
  /** One for each state directory: `ollama-coordinator-agent`. */
  name: string;
  /** The program and its arguments. */
  command: readonly [program: string, ...args: string[]];
  stateDir: string;
}

export interface ServiceState {
  installed: boolean;
  /** Where it is written down; null where that is not a file. */
  file: string | null;
  /** null: the service manager does not say. */
  running: boolean | null;
  pid: number | null;
  /** One line, as the manager puts it. */
  detail: string | null;
}

/** One of the systems that start programs. Each rejects with CommandError. */
export interface ServiceManager {
  /** Installs and starts it, in place of one that was there; what the person should know, in lines. */
  install(plan: ServicePlan): Promise<string[]>;
  /** Nothing when there is none. */
  stop(): Promise<void>;
  /** False when there was none. */
  uninstall(): Promise<boolean>;
  status(): Promise<ServiceState>;
}

export const DESCRIPTION = "Ollama Coordinator agent";
