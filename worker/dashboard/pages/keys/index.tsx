import { common } from "../../text/common/index.ts";
import { keysText } from "../../text/keys/index.ts";
import { PageHeader } from "../../ui/page-header.tsx";
import { EmptyState } from "../../ui/states.tsx";

export default function KeysPage() {
  return (
    <>
      <PageHeader title={common.value.nav.keys} />
      <EmptyState title={keysText.value.empty} />
    </>
  );
}
