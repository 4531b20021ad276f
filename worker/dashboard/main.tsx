import "./style/tokens.css";
import "./style/base.css";
import "./style/layout.css";
import "./style/components.css";
import "./style/table.css";
import "./style/palette.css";
import { render } from "preact";
import { asApiError } from "./lib/api-error.ts";
import { runFeed } from "./lib/feed.ts";
import { enter, hasTokenInAddress } from "./lib/login.ts";
import { takeOverLinks } from "./lib/router.ts";
import { App } from "./shell/app.tsx";
import { loginFailure } from "./shell/login.tsx";

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has no element #app");
takeOverLinks();
runFeed();
render(<App />, root);
const begin = (): void => {
  enter().catch((error: unknown) => {
    loginFailure.value = asApiError(error);
  });
};
begin();
// A link with a token that is opened where the page is already shown loads nothing anew.
addEventListener("hashchange", () => {
  if (hasTokenInAddress()) begin();
});
