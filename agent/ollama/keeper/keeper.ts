import { textOf } from "../../core/network-error.ts";
import { type Failure, type JobKind, type JobRun, JobSlot, type JobState } from "./job-slot.ts";
import type { KeeperDeps, KeeperOptions } from "./keeper-parts.ts";
import type { Found, Installed, Offer, Program } from "./parts.ts";
import { type KeeperQuestion, Questions } from "./questions.ts";
import { RetryLater } from "./retry-later.ts";
import { ANSWER_MS, type SwitchDeps, switchOver } from "./switch-over.ts";
import { UpdateWatch } from "./update-watch.ts";

/** Looks after the Ollama of this machine: attaches to one that runs, or installs, runs and updates one of its own. */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #deps: KeeperDeps;
  readonly #jobs: JobSlot;
  readonly #updates: UpdateWatch;
  readonly #questions: Questions;
  readonly #retry: RetryLater;
  #source: "managed" | "attached" | "none" = "none";
  #url: string;
  #managed: Installed | undefined;
  #previous: Installed | undefined;
  /** What `serving` was told to run. */
  #runs: Program | undefined;
  #offering = false;
  #restartWanted = false;
  readonly #stop = new AbortController();

  constructor(options: KeeperOptions, deps: KeeperDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#url = options.fixedUrl ?? options.defaultUrl;
    this.#jobs = new JobSlot(deps.changed, ({ kind, message }) =>
      deps.tell("warn", `${kind} failed: ${message}`),
    );
    this.#questions = new Questions({
      consent: deps.consent,
      accept: (question) => this.#accept(question),
      changed: deps.changed,
      tell: deps.tell,
    });
    this.#retry = new RetryLater(deps.clock, () => {
      if (this.#source === "none") this.#fetch("install", undefined);
    });
    this.#updates = new UpdateWatch({
      clock: deps.clock,
      current: () => this.#managed?.version,
      newest: async (signal) => (await deps.installer.lookUp(undefined, signal)).version,
      // A newer one that is the one before was left by somebody's rollback.
      automatic: () => deps.autoUpdate() && this.#updates.available !== this.#previous?.version,
      idle: () => deps.idle() && this.#jobs.state === undefined,
      update: (version) => void this.update(version),
      changed: deps.changed,
      failed: (error) => deps.tell("info", `no news of Ollama releases: ${textOf(error)}`),
    });
  }

  get source(): "managed" | "attached" | "none" {
    return this.#source;
  }

  get url(): string {
    return this.#url;
  }

  get question(): KeeperQuestion | undefined {
    return this.#questions.open;
  }

  get job(): JobState | undefined {
    return this.#jobs.state;
  }

  get failure(): Failure | undefined {
    return this.#jobs.failure;
  }

  get problem(): string | undefined {
    return this.#source === "managed" ? this.#deps.serving.problem : undefined;
  }

  get updateAvailable(): string | undefined {
    return this.#updates.available;
  }

  get previousVersion(): string | undefined {
    return this.#previous?.version;
  }

  /** What runs keeps its models in the state directory; the user's own program keeps theirs. */
  get hasOwnModels(): boolean {
    return this.#runs?.own === true;
  }

  get managedVersion(): string | undefined {
    return this.#managed?.version;
  }

  /** Something is asked, or under way. */
  get #isAsking(): boolean {
    return this.#questions.open !== undefined || this.#jobs.state !== undefined;
  }

  get #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Finds this machine's Ollama and starts it where it may; a question may be open afterwards. Never rejects. */
  async start({ offerInstall = true } = {}): Promise<void> {
    const { fixedUrl } = this.#options;
    if (fixedUrl !== undefined) this.#attach(fixedUrl);
    try {
      // Also beside a named one: what was left behind may be what answers there.
      await this.#deps.clearOrphans();
      if (fixedUrl === undefined) await this.#settle({ offerInstall });
    } catch (error) {
      this.#deps.tell("warn", `cannot look after Ollama: ${textOf(error)}`);
    }
    if (fixedUrl === undefined && !this.#isStopped) this.#updates.start();
  }

  /** Stops what it has started, and nothing else. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error("stopped"));
    this.#updates.stop();
    this.#retry.stop();
    this.#jobs.cancel();
    await this.#jobs.ended;
    await this.#deps.serving.stop();
  }

  /** For a process that ends now; `stop` is the orderly way. */
  endNow(): void {
    this.#stop.abort(new Error("stopped"));
    this.#deps.serving.endNow();
  }

  /** Our own server will answer there; said before it does, so that nobody asks somebody else's meanwhile. */
  servesAt(url: string): void {
    if (!this.#isStopped) this.#arrive("managed", url);
  }

  /** What the watch beside the traffic sees. */
  seen(state: "ok" | "absent" | "hung"): void {
    if (state === "hung" && this.#source === "managed") this.#deps.serving.hung();
    // Somebody has started theirs while a question was open.
    if (state === "ok" && this.#source === "none" && this.#jobs.state === undefined) this.#attach(this.#url);
    if (state === "ok") void this.#offerModel();
  }

  /** One line why not, or undefined. */
  answer(yes: boolean, to?: KeeperQuestion["kind"]): string | undefined {
    return this.#questions.answer(yes, to);
  }

  install(version?: string): string | undefined {
    const { fixedUrl } = this.#options;
    if (fixedUrl !== undefined)
      return `cannot install: this agent was told to use ${fixedUrl}; start it without --ollama-url (OLLAMA_URL)`;
    return this.#managed === undefined ? this.#fetch("install", version) : this.#fetch("update", version);
  }

  update(version?: string): string | undefined {
    if (this.#managed === undefined) return this.#notManaged("update");
    return this.#fetch("update", version);
  }

  rollback(): string | undefined {
    const previous = this.#previous;
    if (this.#managed === undefined) return this.#notManaged("roll back");
    if (previous === undefined) return "there is no earlier version to go back to";
    return this.#begin("rollback", previous.version, (run) => this.#switchTo(previous, run));
  }

  uninstall(): string | undefined {
    const managed = this.#managed;
    if (managed === undefined) return this.#notManaged("uninstall");
    return this.#begin("uninstall", managed.version, async (run) => {
      run.report({ step: "draining" });
      const release = await this.#deps.drain(run.signal);
      try {
        run.signal.throwIfAborted();
        await this.#deps.serving.stop();
        this.#runs = undefined;
        try {
          await this.#deps.versions.removeAll();
          await this.#questions.remember("install", false);
        } finally {
          // Also where a file could not be removed: then it is what is left that counts.
          await this.#settle({ offerInstall: false });
        }
      } finally {
        release();
      }
    });
  }

  /** With the rules that hold now, after what is under way; what runs ends first. */
  restart(): void {
    const runs = this.#runs;
    if (runs === undefined) return;
    if (this.#jobs.state === undefined) {
      this.#begin("restart", runs.version, (run) => switchOver(runs, runs, run, this.#switching));
      return;
    }
    if (this.#restartWanted) return;
    this.#restartWanted = true;
    void this.#jobs.ended.then(() => {
      this.#restartWanted = false;
      this.restart();
    });
  }

  pull(model: string): string | undefined {
    if (this.#source === "none") return "there is no Ollama to pull it yet";
    return this.#begin("pull", model, async (run) => {
      run.report({ step: "downloading" });
      await this.#deps.models.pull(this.#url, model, {
        signal: run.signal,
        observe: (progress, problem) => run.report({ progress, problem }),
      });
      this.#deps.refresh();
    });
  }

  cancel(): string | undefined {
    return this.#jobs.cancel() ? undefined : "nothing is under way";
  }

  /** A managed one first: somebody chose it. Then one that runs; then one that could. */
  async #settle({ offerInstall }: { offerInstall: boolean }): Promise<void> {
    await this.#adopt();
    if (this.#isStopped) return;
    if (this.#managed !== undefined) {
      await this.#serve({ ...this.#managed, own: true });
      return;
    }
    const found = await this.#standBack();
    if (found.type === "binary")
      await this.#ask("start", async () => ({ kind: "start", version: found.version, binary: found.path }));
    else if (found.type === "none" && offerInstall) await this.#ask("install", () => this.#offerInstall());
  }

  /** Nothing of ours runs: the user's own is used, where it does. */
  async #standBack(): Promise<Found> {
    const { defaultUrl } = this.#options;
    this.#source = "none";
    if (this.#url === defaultUrl) this.#deps.changed();
    else this.#arrive("none", defaultUrl);
    const found = await this.#deps.find();
    // A command may have been quicker.
    if (found.type === "server" && this.source !== "managed" && !this.#isStopped) this.#attach(found.url);
    return found;
  }

  async #ask(kind: KeeperQuestion["kind"], make: () => Promise<KeeperQuestion>): Promise<void> {
    const unattended = this.#options.assumeYes;
    if (this.#questions.isSettled(kind, { unattended })) return;
    const question = await make();
    // While a release was looked up the user may have started theirs, or asked for an install.
    if (this.#isStopped || this.#source !== "none" || this.#jobs.state?.kind === "install") return;
    this.#questions.put(question, { unattended });
  }

  #accept(question: KeeperQuestion): string | undefined {
    switch (question.kind) {
      case "install":
        return this.install(question.version);
      case "start":
        void this.#serve({ binary: question.binary, version: question.version, own: false });
        return undefined;
      case "pull":
        return this.pull(question.model);
    }
  }

  async #offerInstall(): Promise<KeeperQuestion> {
    const { directory } = this.#options;
    try {
      const offer = await this.#deps.installer.lookUp(undefined, this.#stop.signal);
      return { kind: "install", version: offer.version, download_bytes: offer.downloadBytes, directory };
    } catch (error) {
      if (!this.#isStopped)
        this.#deps.tell("warn", `cannot look up Ollama's newest release yet: ${textOf(error)}`);
      return { kind: "install", version: "", download_bytes: null, directory };
    }
  }

  /** A fresh Ollama has no models; the user's own without any is his business until he says yes. */
  async #offerModel(): Promise<void> {
    if (this.#source === "none" || this.#isAsking || this.#offering) return;
    const unattended = this.#options.assumeYes && this.#source === "managed";
    if (this.#questions.isSettled("pull", { unattended })) return;
    this.#offering = true;
    try {
      if (await this.#deps.models.any(this.#url)) return;
      const suggestion = await this.#deps.models.suggest(this.#url, this.#runs?.own === true);
      if (suggestion === undefined || this.#isStopped || this.#isAsking) return;
      const { model, downloadBytes } = suggestion;
      this.#questions.put({ kind: "pull", model, download_bytes: downloadBytes }, { unattended });
    } catch (error) {
      this.#deps.tell("info", `cannot suggest a model: ${textOf(error)}`);
    } finally {
      this.#offering = false;
    }
  }

  #fetch(kind: JobKind, version: string | undefined): string | undefined {
    const wanted = version === "" ? undefined : version;
    const refused = this.#begin(kind, wanted ?? "the newest release", async (run) => {
      const installed = await this.#obtain(wanted, run);
      run.report({ subject: installed.version });
      // It runs already: nobody's answer is to wait, and nothing to be loaded again, for that.
      if (this.#runs?.binary === installed.binary) return;
      try {
        await this.#switchTo(installed, run);
      } catch (error) {
        // Requests that would not end say nothing of the release.
        const wasTried = this.job?.step === "starting";
        if (wasTried && !run.signal.aborted) this.#updates.wentWrong(installed.version);
        throw error;
      }
      this.#deps.refresh();
      await this.#deps.versions.prune().catch((error: unknown) => {
        this.#deps.tell("warn", `cannot remove an older Ollama: ${textOf(error)}`);
      });
    });
    if (refused !== undefined) return refused;
    this.#questions.drop();
    void this.#jobs.ended.then(() => this.#fetched());
    return undefined;
  }

  #begin(kind: JobKind, subject: string, work: (run: JobRun) => Promise<void>): string | undefined {
    // What began now would outlive the end that has come.
    if (this.#isStopped) return "the agent is about to end";
    return this.#jobs.begin(kind, subject, work);
  }

  get #switching(): SwitchDeps {
    const { serving, versions, drain } = this.#deps;
    return { serving, versions, drain, ending: this.#stop.signal };
  }

  async #switchTo(next: Installed, run: JobRun): Promise<void> {
    const before = this.#runs;
    const program = { ...next, own: true };
    try {
      await switchOver(program, before, run, this.#switching);
      this.#runs = program;
    } catch (error) {
      const isLost = before === undefined && this.#source === "managed";
      if (isLost && !this.#isStopped) await this.#standBack();
      throw error;
    } finally {
      await this.#adopt();
    }
  }

  #fetched(): void {
    if (this.#isStopped) return;
    if (this.#jobs.failure === undefined) void this.#offerModel();
    else if (this.#options.assumeYes && this.#source === "none") {
      this.#retry.failed();
    }
  }

  async #obtain(version: string | undefined, run: JobRun): Promise<Installed> {
    run.report({ step: "looking_up" });
    const offer: Offer = await this.#deps.installer.lookUp(version, run.signal);
    if (version === undefined) this.#updates.learnt(offer.version);
    run.report({ subject: offer.version });
    return this.#deps.installer.install(offer, {
      signal: run.signal,
      observe: (report) => run.report(report),
    });
  }

  async #adopt(): Promise<void> {
    this.#managed = await this.#deps.versions.current();
    this.#previous = await this.#deps.versions.previous();
  }

  async #serve(program: Program): Promise<void> {
    this.#source = "managed";
    this.#runs = program;
    this.#deps.changed();
    try {
      await this.#deps.serving.start(program, ANSWER_MS, this.#stop.signal);
    } catch (error) {
      if (this.#isStopped) return;
      this.#deps.tell("warn", `Ollama ${program.version} does not answer: ${textOf(error)}`);
    }
  }

  #attach(url: string): void {
    this.#questions.drop();
    this.#arrive("attached", url);
  }

  #arrive(source: "managed" | "attached" | "none", url: string): void {
    this.#source = source;
    this.#url = url;
    if (source !== "none") this.#questions.drop("pull");
    this.#deps.moved(url);
    this.#deps.changed();
  }

  #notManaged(what: string): string {
    return this.#source === "attached"
      ? `cannot ${what}: the Ollama at ${this.#url} is not this program's, and is never touched`
      : `cannot ${what}: no Ollama of this program is installed`;
  }
}
