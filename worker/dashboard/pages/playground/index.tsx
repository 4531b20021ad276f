import { common } from "../../text/common/index.ts";
import { playgroundText } from "../../text/playground/index.ts";
import { PageHeader } from "../../ui/page-header.tsx";
import { EmptyState } from "../../ui/states.tsx";

export default function PlaygroundPage() {
  return (
    <>
      <PageHeader title={common.value.nav.playground} />
      <EmptyState title={playgroundText.value.empty} />
    </>
  );
}
