// The numbers that behave as one wants to see, with a command for each.
import type { Developer } from '../../api/types.ts';
import { useWords } from '../../parts/app.ts';
import { Card, Copy } from '../../parts/basic.tsx';
import { Table } from '../../parts/table.tsx';

export function SandboxTab({ developer }: { developer: Developer }) {
  const { developers } = useWords();
  return (
    <>
      <Card title={developers.login} actions={<Copy text={developer.login_curl} label={developers.login} />}>
        <pre class="code" tabIndex={0} aria-label={developers.login}>{developer.login_curl}</pre>
      </Card>
      <Card flush title={developers.sandbox} text={developers.sandboxText}>
        <Table label={developers.sandbox} rows={developer.sandbox_numbers} keyOf={({ ending }) => ending} columns={[
          { title: developers.ending, head: true, cell: ({ ending }) => <code>…{ending}</code> },
          { title: developers.behaves, cell: ({ ending, what }) => developers.what[ending] ?? what },
          { title: developers.curl, cell: ({ curl, phone }) => <Copy text={curl} label={`${developers.curl} ${phone}`} /> },
        ]} />
      </Card>
    </>
  );
}
