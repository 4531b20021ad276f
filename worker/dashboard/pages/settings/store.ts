import { batch, computed, signal } from "@preact/signals";
import type { SettingsView } from "../../../../shared/api/settings.ts";
import { type ApiError, asApiError, call } from "../../lib/api.ts";
import { settingsText } from "../../text/settings/index.ts";
import { whatToDo } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import {
  changedFields,
  type Draft,
  draftOf,
  type Faults,
  type Field,
  faultOf,
  localFaults,
  only,
  patchOf,
  rebase,
  settingOf,
} from "./draft.ts";

/** What the page shows and what was typed; one for each time that the page is opened. */
export class SettingsForm {
  readonly #base = signal<Draft | undefined>(undefined);
  readonly #locked = signal<readonly string[]>([]);
  readonly #faults = signal<Faults>({});
  readonly #wasTried = signal(false);
  readonly draft = signal<Draft | undefined>(undefined);
  readonly conflicts = signal<readonly Field[]>([]);
  readonly busy = signal(false);
  readonly failure = signal<string | null>(null);
  readonly changed = computed(() => {
    const [base, draft] = [this.#base.value, this.draft.value];
    return base === undefined || draft === undefined ? [] : changedFields(base, draft);
  });

  /** Settings as they are now, from the API. @returns fields that changed elsewhere meanwhile, in the draft now */
  take(view: SettingsView): readonly Field[] {
    const remote = draftOf(view);
    const [base, draft] = [this.#base.peek(), this.draft.peek()];
    const next = base === undefined || draft === undefined ? undefined : rebase(base, draft, remote);
    batch(() => {
      this.#locked.value = view.locked;
      this.#base.value = remote;
      this.draft.value = next?.draft ?? remote;
      if (next === undefined) return;
      const still = changedFields(remote, next.draft);
      const all = new Set([...this.conflicts.peek(), ...next.conflicts]);
      this.conflicts.value = still.filter((field) => all.has(field));
    });
    return next?.taken ?? [];
  }

  change(change: Partial<Draft>): void {
    const draft = this.draft.peek();
    if (draft === undefined) return;
    const touched = Object.keys(change) as Field[];
    batch(() => {
      this.draft.value = { ...draft, ...change };
      // What the coordinator said of a field was about what stood there before.
      this.#faults.value = Object.fromEntries(
        Object.entries(this.#faults.peek()).filter(([name]) =>
          touched.every((field) => faultOf({ [name]: "" }, field) === undefined),
        ),
      );
    });
  }

  /** The value that came from elsewhere takes the place of what was typed. */
  useTheirs(field: Field): void {
    const base = this.#base.peek();
    if (base === undefined) return;
    this.change(only(base, field));
    this.conflicts.value = this.conflicts.peek().filter((one) => one !== field);
  }

  discard(): void {
    batch(() => {
      this.draft.value = this.#base.peek();
      this.#forget();
    });
  }

  #forget(): void {
    this.#faults.value = {};
    this.failure.value = null;
    this.conflicts.value = [];
    this.#wasTried.value = false;
  }

  isLocked(field: Field): boolean {
    return this.#locked.value.includes(settingOf(field));
  }

  /** What is wrong with a field: what the coordinator said, or what keeps it from being sent. */
  faultOf(field: Field): string | undefined {
    const told = faultOf(this.#faults.value, field);
    if (told !== undefined) return told;
    const draft = this.draft.value;
    if (!this.#wasTried.value || draft === undefined) return undefined;
    const local = localFaults(draft)[field];
    return local === undefined ? undefined : settingsText.value.faults[local];
  }

  async save(): Promise<void> {
    const [base, draft] = [this.#base.peek(), this.draft.peek()];
    if (base === undefined || draft === undefined || this.busy.peek()) return;
    const t = settingsText.peek().bar;
    const fields = changedFields(base, draft);
    const broken = localFaults(draft);
    if (fields.some((field) => broken[field] !== undefined)) {
      this.#wasTried.value = true;
      this.failure.value = t.check;
      return;
    }
    this.busy.value = true;
    try {
      const view = await call("PUT /api/admin/settings", { body: patchOf(base, draft, this.#locked.peek()) });
      batch(() => {
        this.#forget();
        // What was typed while it was on its way stays.
        this.#base.value = draft;
        this.take(view);
      });
      toast(t.saved);
    } catch (error) {
      this.#fail(asApiError(error));
    } finally {
      this.busy.value = false;
    }
  }

  #fail(error: ApiError): void {
    const t = settingsText.peek().bar;
    const isMarked = Object.keys(error.fields).length > 0;
    batch(() => {
      this.#faults.value = error.fields;
      this.failure.value = isMarked ? t.check : t.failed(whatToDo(error));
    });
  }
}
