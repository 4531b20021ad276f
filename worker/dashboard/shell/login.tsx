import { signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type ApiError, asApiError } from "../lib/api-error.ts";
import { fmt } from "../lib/fmt.ts";
import { login } from "../lib/login.ts";
import { expired } from "../lib/session.ts";
import { common } from "../text/common/index.ts";
import { Button } from "../ui/button.tsx";
import { TextInput } from "../ui/fields.tsx";
import { Notice } from "../ui/states.tsx";
import { LanguageMenu, ThemeMenu } from "./header.tsx";
import { Logo } from "./logo.tsx";

/** Of the last attempt, also of one by a link. */
export const loginFailure = signal<ApiError | undefined>(undefined);

function why(error: ApiError): string {
  const t = common.value.login;
  if (error.status === 0) return t.unreachable;
  if (error.status === 401 || error.status === 400) return t.wrong;
  if (error.status === 429) return t.limited(fmt.span((error.retryAfterS ?? 60) * 1_000));
  if (error.code === "not_configured") return t.notConfigured;
  return t.other(error.message);
}

export function LoginPage() {
  const token = useSignal("");
  const busy = useSignal(false);
  const visible = useSignal(false);
  const t = common.value.login;
  const { product } = common.value;
  useEffect(() => {
    document.title = `${t.title} · ${product}`;
  }, [t, product]);
  useEffect(() => {
    // The attribute alone counts once for each document, and this page may come back.
    document.querySelector<HTMLInputElement>(".login .input")?.focus();
  }, []);
  const submit = async (): Promise<void> => {
    if (token.value.trim() === "" || busy.value) return;
    busy.value = true;
    loginFailure.value = undefined;
    try {
      await login(token.value.trim());
      token.value = "";
    } catch (error) {
      loginFailure.value = asApiError(error);
    } finally {
      busy.value = false;
    }
  };
  const failure = loginFailure.value;
  return (
    <div class="login">
      <div class="login-tools">
        <ThemeMenu />
        <LanguageMenu />
      </div>
      <main class="login-card">
        <div class="login-brand">
          <Logo size={44} />
          <h1>{product}</h1>
        </div>
        {expired.value && failure === undefined && <Notice tone="warn">{t.expired}</Notice>}
        {failure !== undefined && (
          <Notice tone="bad" alert>
            {why(failure)}
          </Notice>
        )}
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          {/* Password managers keep a password only beside a name. */}
          <input
            class="sr-only"
            type="text"
            name="username"
            autocomplete="username"
            value="admin"
            readOnly
            tabIndex={-1}
            aria-hidden="true"
          />
          <TextInput
            label={t.token}
            type={visible.value ? "text" : "password"}
            value={token.value}
            onInput={(value) => {
              token.value = value;
            }}
            autocomplete="current-password"
            hint={t.intro}
            required
            mono
          />
          <div class="row">
            <Button kind="primary" type="submit" busy={busy.value} class="grow">
              {t.submit}
            </Button>
            <Button
              icon="eye"
              onClick={() => {
                visible.value = !visible.value;
              }}
            >
              {visible.value ? t.hide : t.show}
            </Button>
          </div>
        </form>
        <p class="small muted wrap-anywhere">{t.where}</p>
      </main>
    </div>
  );
}
