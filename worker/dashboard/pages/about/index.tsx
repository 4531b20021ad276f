import { common } from "../../text/common/index.ts";
import { PageHeader } from "../../ui/page-header.tsx";

export default function AboutPage() {
  return <PageHeader title={common.value.nav.about} />;
}
